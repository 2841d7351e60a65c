import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';

const program = resolve(import.meta.dirname, 'serve.mjs');
const folder = mkdtempSync(join(tmpdir(), 'serve-'));
const started = [];

before(() => {
  mkdirSync(join(folder, 'site/models'), { recursive: true });
  writeFileSync(join(folder, 'site/index.html'), '<!doctype html><title>page</title>');
  writeFileSync(join(folder, 'site/module.wasm'), Buffer.from([0, 0x61, 0x73, 0x6d]));
  writeFileSync(join(folder, 'site/models/a.safetensors'), 'weights');
  writeFileSync(join(folder, 'secret.txt'), 'secret');
});
after(() => {
  for (const child of started) child.kill();
  rmSync(folder, { recursive: true });
});

/** Starts the server and gives what it printed first, and its port if it serves. */
async function serve(args = [], environment = {}) {
  const child = spawn(process.execPath, [program, join(folder, 'site'), ...args], {
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
      let body = '';
      response.on('data', (chunk) => (body += chunk));
      response.on('end', () => done({ status: response.statusCode, headers: response.headers, body }));
    })
      .on('error', failed)
      .end();
  });
}

test('serves the page, its module and its models with their media types, isolated', async () => {
  const { port } = await serve();
  const page = await get(port, '/?lab=train');
  assert.equal(page.status, 200);
  assert.match(page.body, /<title>page/);
  assert.equal(page.headers['content-type'], 'text/html; charset=utf-8');
  assert.equal(page.headers['cross-origin-opener-policy'], 'same-origin');
  assert.equal(page.headers['cross-origin-embedder-policy'], 'require-corp');
  assert.equal((await get(port, '/module.wasm')).headers['content-type'], 'application/wasm');
  const model = await get(port, '/models/a.safetensors');
  assert.equal(model.headers['content-type'], 'application/octet-stream');
  assert.equal(model.body, 'weights');
});

test('answers HEAD without a body and an unchanged file with 304', async () => {
  const { port } = await serve();
  const head = await get(port, '/', { method: 'HEAD' });
  assert.equal(head.status, 200);
  assert.equal(head.body, '');
  const again = await get(port, '/', { headers: { 'if-none-match': head.headers.etag } });
  assert.equal(again.status, 304);
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

test('serves below a path, without isolation, as most hosts do', async () => {
  const { port } = await serve(['--base', 'someone/page', '--no-isolation']);
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
