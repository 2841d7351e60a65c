// The packed npm package as people use it: examples/package in Node, as a plain page, and through bundlers.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { build, createServer } from 'vite';
import webpack from 'webpack';
import { openSite } from './built-site.mjs';
import { packedPackage } from './packed-package.mjs';

const example = 'examples/package';
const { folder } = packedPackage();
cpSync(example, folder, { recursive: true });

/** What the program says in Node, and must say everywhere. */
const wanted = node(['main.js']).trim().split('\n');
let site;

before(async () => {
  site = await openSite(folder, '--plain');
});
after(async () => {
  await site?.close();
  rmSync(folder, { recursive: true });
});

function node(args) {
  return execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
}

const patiently = { timeout: 60_000 };

/** The lines that a page's program says, up to as many as are wanted. */
async function saidAt(address) {
  const page = await site.newPage();
  const said = [];
  const ended = new Promise((done, failed) => {
    page.on('pageerror', failed);
    page.on('console', (message) => {
      if (message.type() === 'error') failed(new Error(message.text()));
      // Vite speaks too, in messages of another kind.
      if (message.type() === 'log' && said.push(message.text()) === wanted.length) done();
    });
  });
  await Promise.all([page.goto(new URL(address, site.address).href), ended]);
  await page.context().close();
  return said;
}

test('in Node: a model learns, encodes and tells its evidence', () => {
  assert.match(wanted[0], /^ELBO -\d+\.\d nats$/);
  assert.match(wanted[1], /^code -?[\d.e-]+, -?[\d.e-]+; 784 pixels$/);
  const [elbo, evidence] = [wanted[0], wanted[2]].map((line) => Number(/-[\d.]+/.exec(line)[0]));
  assert.ok(elbo > -300 && evidence > -300 && evidence < -20, wanted.join('\n'));
  assert.equal(wanted.length, 3);
});

test('in Node: the viewer, and the whole by `require`', () => {
  const told = node([
    '--input-type=module',
    '--eval',
    "import init, { buildName, Model } from 'latent-canvas/viewer'; await init(); console.log(buildName(), new Model({ model: 'vae' }, 1).latents);",
  ]);
  assert.equal(told, 'simd128 2\n');
  const required =
    "const { default: init, buildName } = require('latent-canvas'); init().then(() => console.log(buildName()));";
  assert.equal(node(['--input-type=commonjs', '--no-warnings', '--eval', required]), 'simd128\n');
});

test('the README of the package shows this program', () => {
  const [, shown] = /```js\n([^]*?\n)```/.exec(readFileSync('npm/README.md', 'utf8'));
  assert.equal(readFileSync(join(example, 'main.js'), 'utf8').replace(/^\/\/.*\n/, ''), shown);
});

test('as a plain page from a static host', patiently, async () => {
  assert.deepEqual(await saidAt('page.html'), wanted);
});

test('through Vite: built', patiently, async () => {
  await build({ root: folder, base: './', logLevel: 'warn', build: { outDir: 'vite' } });
  assert.deepEqual(await saidAt('vite/'), wanted);
});

test('through Vite: while it is developed', patiently, async () => {
  const server = await createServer({
    root: folder,
    logLevel: 'warn',
    server: { host: '127.0.0.1', port: 0 },
  });
  try {
    await server.listen();
    assert.deepEqual(await saidAt(server.resolvedUrls.local[0]), wanted);
  } finally {
    await server.close();
  }
});

test('through webpack', patiently, async () => {
  const stats = await new Promise((done, failed) => {
    const output = { path: join(folder, 'webpack') };
    webpack({ mode: 'production', context: folder, entry: './main.js', output }, (error, stats) =>
      error ? failed(error) : done(stats),
    );
  });
  assert.deepEqual(stats.toJson({ errors: true, all: false }).errors, []);
  writeFileSync(
    join(folder, 'webpack/index.html'),
    '<!doctype html><link rel="icon" href="data:,"><script src="main.js"></script>',
  );
  assert.deepEqual(await saidAt('webpack/'), wanted);
});
