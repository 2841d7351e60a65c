// Fetches the four MNIST files into MNIST_DIR (../shared/data/mnist), where the command line and the
// tests look for them. MNIST_MIRROR names another mirror than the public ones below.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';

// Of the uncompressed files: the compressed ones differ from mirror to mirror.
const sha256 = {
  'train-images-idx3-ubyte': 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
  'train-labels-idx1-ubyte': '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
  't10k-images-idx3-ubyte': '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
  't10k-labels-idx1-ubyte': 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
};
const mirrors = process.env.MNIST_MIRROR
  ? [process.env.MNIST_MIRROR]
  : ['https://storage.googleapis.com/cvdf-datasets/mnist', 'https://ossci-datasets.s3.amazonaws.com/mnist'];
const patienceMilliseconds = 60_000;

const root = resolve(import.meta.dirname, '..');
const folder = resolve(root, process.env.MNIST_DIR || '../shared/data/mnist');

/** Throws unless the bytes, once uncompressed, are the named file. */
function verify(name, bytes) {
  const compressed = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const found = createHash('sha256')
    .update(compressed ? gunzipSync(bytes) : bytes)
    .digest('hex');
  if (found !== sha256[name]) throw new Error(`its SHA-256 is ${found}, not ${sha256[name]}`);
}

/** Is the file there already, compressed or not? A file that is not MNIST's is never overwritten. */
function isThere(name) {
  for (const path of [join(folder, `${name}.gz`), join(folder, name)]) {
    if (!existsSync(path)) continue;
    try {
      verify(name, readFileSync(path));
    } catch (error) {
      console.error(`${path} is not the MNIST file: ${error.message}. Remove it and run this again.`);
      process.exit(1);
    }
    return true;
  }
  return false;
}

async function fetchFile(name) {
  const faults = [];
  for (const mirror of mirrors) {
    const address = `${mirror.replace(/\/+$/, '')}/${name}.gz`;
    try {
      const response = await fetch(address, { signal: AbortSignal.timeout(patienceMilliseconds) });
      if (!response.ok) throw new Error(`the server answered ${response.status}`);
      const bytes = Buffer.from(await response.arrayBuffer());
      verify(name, bytes);
      const path = join(folder, `${name}.gz`);
      // Whole or not at all.
      writeFileSync(`${path}.part`, bytes);
      renameSync(`${path}.part`, path);
      console.log(`${name}.gz: ${bytes.length} bytes`);
      return;
    } catch (error) {
      faults.push(`  ${address}: ${error.cause?.message ?? error.message}`);
    }
  }
  console.error(
    `${name} could not be fetched:\n${faults.join('\n')}\n` +
      `Without a network, put the four files (plain or .gz) into ${folder} by hand, ` +
      'or name their folder in MNIST_DIR or another mirror in MNIST_MIRROR.',
  );
  process.exit(1);
}

mkdirSync(folder, { recursive: true });
const missing = Object.keys(sha256).filter((name) => !isThere(name));
for (const name of missing) await fetchFile(name);
console.log(`MNIST is in ${folder}`);
