import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { compressFolder } from './compress.mjs';

const program = resolve(import.meta.dirname, 'serve.mjs');
const folder = mkdtempSync(join(tmpdir(), 'serve-'));
const started = [];

/** Large enough to be worth compressing. */
const script = 'export const digits = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];\n'.repeat(400);
/** As weights are: nothing to compress. */
const noise = randomBytes(300_000);

/** What a host should send beside the files. */
const headers = `/*
  Cross-Origin-Opener-Policy: same-origin
  Content-Security-Policy: default-src 'self'; img-src 'self' https://pictures.example
/assets/*
  Cache-Control: public, immutable
`;

before(async () => {
  mkdirSync(join(folder, 'compressed/assets'), { recursive: true });
  writeFileSync(join(folder, 'compressed/index.html'), script);
  writeFileSync(join(folder, 'compressed/assets/page-3f2a.js'), script);
  writeFileSync(join(folder, 'compressed/noise.safetensors'), noise);
  await compressFolder(join(folder, 'compressed'));
  writeFileSync(join(folder, 'compressed/_headers'), headers);
  mkdirSync(join(folder, 'site/models'), { recursive: true });
  writeFileSync(join(folder, 'site/index.html'), '<!doctype html><title>page</title>');
  writeFileSync(join(folder, 'site/_headers'), headers);
  writeFileSync(join(folder, 'site/module.wasm'), Buffer.from([0, 0x61, 0x73, 0x6d]));
  writeFileSync(join(folder, 'site/models/a.safetensors'), 'weights');
  writeFileSync(join(folder, 'secret.txt'), 'secret');
});
after(() => {
  for (const child of started) child.kill();
  rmSync(folder, { recursive: true });
});

/** Starts the server and gives what it printed first, and its port if it serves. */
async function serve(args = [], environment = {}, site = 'site') {
  const child = spawn(process.execPath, [program, join(folder, site), ...args], {
    env: { ...process.env, HOST: '127.0.0.1', PORT: '0', ...environment },
  });
  started.push(child);
  let printed = '';
  const ended = new Promise((done) => child.once('close', done));
  const said = new Promise((done) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text) => {
        printed += text;
        if (printed.endsWith('\n')) done();
      });
    }
  });
  await Promise.race([said, ended]);
  return { child, ended, printed, port: Number(printed.match(/:(\d+)\//)?.[1]) };
}

/** One request with the path exactly as given. */
function get(port, path, { method = 'GET', headers = {} } = {}) {
  return new Promise((done, failed) => {
    request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => {
        const bytes = Buffer.concat(chunks);
        done({ status: response.statusCode, headers: response.headers, bytes, body: bytes.toString() });
      });
    })
      .on('error', failed)
      .end();
  });
}

test('serves the page, its module and its models with their media types and the headers of the folder', async () => {
  const { port } = await serve();
  const page = await get(port, '/?lab=train');
  assert.equal(page.status, 200);
  assert.match(page.body, /<title>page/);
  assert.equal(page.headers['content-type'], 'text/html; charset=utf-8');
  assert.equal(page.headers['cross-origin-opener-policy'], 'same-origin');
  assert.match(page.headers['content-security-policy'], /'self' https:\/\/pictures\.example$/);
  assert.equal(page.headers['cache-control'], 'no-cache');
  assert.equal((await get(port, '/module.wasm')).headers['content-type'], 'application/wasm');
  const model = await get(port, '/models/a.safetensors');
  assert.equal(model.headers['content-type'], 'application/octet-stream');
  assert.equal(model.body, 'weights');
});

test('headers are those of the folder as it is now, for it may be built anew', async () => {
  const { port } = await serve([], {}, 'compressed');
  const policy = async () => (await get(port, '/')).headers['content-security-policy'];
  assert.match(await policy(), /pictures\.example/);
  const file = join(folder, 'compressed/_headers');
  writeFileSync(file, headers.replace('pictures.example', 'others.example'));
  assert.match(await policy(), /others\.example/);
  writeFileSync(file, headers);
});

test('answers HEAD without a body and an unchanged file with 304', async () => {
  const { port } = await serve();
  const head = await get(port, '/', { method: 'HEAD' });
  assert.equal(head.status, 200);
  assert.equal(head.body, '');
  const again = await get(port, '/', { headers: { 'if-none-match': head.headers.etag } });
  assert.equal(again.status, 304);
});

test('sends the compressed copy that the browser reads, and says so', async () => {
  const { port } = await serve([], {}, 'compressed');
  const ask = (accepted, path = '/assets/page-3f2a.js') =>
    get(port, path, { headers: accepted === undefined ? {} : { 'accept-encoding': accepted } });
  for (const [accepted, encoding, unpack] of [
    ['gzip, deflate, br, zstd', 'br', brotliDecompressSync],
    ['gzip, deflate', 'gzip', gunzipSync],
    ['br;q=0, gzip;q=0.5', 'gzip', gunzipSync],
    ['*', 'br', brotliDecompressSync],
    ['identity', undefined, (bytes) => bytes],
    [undefined, undefined, (bytes) => bytes],
  ]) {
    const { headers, bytes, status } = await ask(accepted);
    assert.equal(status, 200);
    assert.equal(headers['content-encoding'], encoding, accepted);
    assert.equal(headers['content-type'], 'text/javascript; charset=utf-8');
    assert.equal(Number(headers['content-length']), bytes.length);
    assert.equal(headers.vary, 'Accept-Encoding');
    assert.equal(unpack(bytes).toString(), script);
    if (encoding) assert.ok(bytes.length < script.length / 10);
  }
  // What a compressed copy would not make smaller has none.
  const weights = await ask('br', '/noise.safetensors');
  assert.equal(weights.headers['content-encoding'], undefined);
  assert.ok(weights.bytes.equals(noise));
});

test('a copy has a tag of its own, and is not sent once the file has changed', async () => {
  const { port } = await serve([], {}, 'compressed');
  const ask = (headers, path = '/') => get(port, path, { headers });
  const packed = await ask({ 'accept-encoding': 'br' });
  const plain = await ask({});
  assert.notEqual(packed.headers.etag, plain.headers.etag);
  const again = { 'accept-encoding': 'br', 'if-none-match': packed.headers.etag };
  assert.equal((await ask(again)).status, 304);
  assert.equal((await ask({ 'if-none-match': packed.headers.etag })).status, 200);
  // What the name of a file with a hash means never changes; the page itself is asked for again.
  assert.match((await ask({}, '/assets/page-3f2a.js')).headers['cache-control'], /immutable/);
  assert.equal(plain.headers['cache-control'], 'no-cache');

  const page = join(folder, 'compressed/index.html');
  writeFileSync(page, 'changed');
  const later = new Date(Date.now() + 5_000);
  utimesSync(page, later, later);
  const changed = await ask({ 'accept-encoding': 'br' });
  assert.equal(changed.headers['content-encoding'], undefined);
  assert.equal(changed.body, 'changed');
});

test('thirty visitors at once are all served everything', async () => {
  const { port } = await serve([], {}, 'compressed');
  const paths = ['/assets/page-3f2a.js', '/noise.safetensors'];
  const visit = () =>
    Promise.all(paths.map((path) => get(port, path, { headers: { 'accept-encoding': 'gzip' } })));
  for (const [page, weights] of await Promise.all(Array.from({ length: 30 }, visit))) {
    assert.deepEqual([page.status, weights.status], [200, 200]);
    assert.equal(gunzipSync(page.bytes).toString(), script);
    assert.ok(weights.bytes.equals(noise));
  }
});

test('refuses what is not in the folder', async () => {
  const { port } = await serve();
  for (const path of ['/missing.js', '/models', '/../secret.txt', '/..%2fsecret.txt', '/%2e%2e/secret.txt']) {
    const answer = await get(port, path);
    assert.equal(answer.status, 404, path);
    assert.doesNotMatch(answer.body, /^secret$/m);
  }
  assert.equal((await get(port, '/%')).status, 400);
  assert.equal((await get(port, '/', { method: 'POST' })).status, 405);
});

test('serves below a path, without headers of its own, as most hosts do', async () => {
  const { port } = await serve(['--base', 'someone/page', '--plain']);
  const page = await get(port, '/someone/page/');
  assert.equal(page.status, 200);
  assert.equal(page.headers['cross-origin-opener-policy'], undefined);
  assert.equal((await get(port, '/someone/page')).headers.location, '/someone/page/');
  assert.equal((await get(port, '/')).status, 404);
});

test('says what to do when the port is taken', async () => {
  const taken = createServer();
  await new Promise((done) => taken.listen(0, '127.0.0.1', done));
  const port = taken.address().port;
  const { printed, ended } = await serve([], { PORT: String(port) });
  assert.equal(await ended, 1);
  assert.match(printed, new RegExp(`Port ${port} .* taken .*PORT=${port + 1} make serve`));
  taken.close();
});

test('says what to do when the page is not built', async () => {
  rmSync(join(folder, 'site/index.html'));
  const { printed, ended } = await serve();
  assert.equal(await ended, 1);
  assert.match(printed, /make build/);
});
