// Serves the pages with the headers that shared memory asks for. The first part of a path names an
// engine, so that the server knows what each of them has fetched.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname } from 'node:path';
import { constants, gzipSync } from 'node:zlib';
import { fileOf } from './places.mjs';

const MEDIA_TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.wasm': 'application/wasm',
};
/** What only the benchmark needs. */
const HARNESS = /^(page\/|digits\.f32$|network\.onnx$|favicon\.ico$)/;

const zippedSize = (file) => gzipSync(readFileSync(file), { level: constants.Z_BEST_COMPRESSION }).length;

/** @returns {Promise<{ address: string, shipped: (id: string) => number, close: () => void }>} */
export async function serve() {
  /** @type {Map<string, Set<string>>} */
  const fetched = new Map();
  const server = createServer((request, response) => {
    const [, id, path] = /^\/([^/]+)\/(.+)$/.exec(new URL(request.url, 'http://localhost').pathname) ?? [];
    const file = path && fileOf(path);
    let bytes;
    try {
      bytes = readFileSync(file);
    } catch {
      response.writeHead(404).end();
      return;
    }
    if (!HARNESS.test(path)) fetched.set(id, (fetched.get(id) ?? new Set()).add(file));
    response.writeHead(200, {
      'Content-Type': MEDIA_TYPES[extname(file)] ?? 'application/octet-stream',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
      'Cross-Origin-Resource-Policy': 'same-origin',
    });
    response.end(bytes);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return {
    address: `http://127.0.0.1:${server.address().port}`,
    /** Bytes of code that an engine has fetched, after gzip -9. */
    shipped: (id) => [...(fetched.get(id) ?? [])].reduce((sum, file) => sum + zippedSize(file), 0),
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
