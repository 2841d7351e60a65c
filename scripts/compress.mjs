// Writes beside each file of a folder its compressed copies, .br and .gz, where they are smaller: a server then sends
// them without any work.
import { readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const COMPRESSIBLE = /\.(css|html|js|json|safetensors|svg|txt|wasm)$/;
/** A copy that saves less is not worth its reading. */
const SMALLEST_SAVING = 0.05;

const ways = {
  '.br': (bytes) =>
    promisify(brotliCompress)(bytes, {
      params: {
        [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
        // The best quality takes three times as long as this one, for a fiftieth of the size.
        [constants.BROTLI_PARAM_QUALITY]: 10,
      },
    }),
  '.gz': (bytes) => promisify(gzip)(bytes, { level: constants.Z_BEST_COMPRESSION }),
};

/** @param {string} folder */
export async function compressFolder(folder) {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile() && COMPRESSIBLE.test(entry.name));
  const write = async (file) => {
    const bytes = await readFile(file);
    for (const [ending, compress] of Object.entries(ways)) {
      const packed = await compress(bytes);
      if (packed.length < (1 - SMALLEST_SAVING) * bytes.length) await writeFile(file + ending, packed);
    }
  };
  await Promise.all(files.map((entry) => write(join(entry.parentPath, entry.name))));
}
