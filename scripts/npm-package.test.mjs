// The npm package as it would be published: what is in it, how large it is, and what others' tools say of it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { formatMessage } from 'publint/utils';
import { publint } from 'publint';
import ts from 'typescript';
import { packedPackage } from './packed-package.mjs';

const { folder, archive, installed, contents } = packedPackage();
after(() => rmSync(folder, { recursive: true }));
const about = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));

const builds = ['.', './relaxed', './threads', './viewer', './viewer-relaxed'].filter((entry) =>
  existsSync(join('pkg', entry)),
);

test('every build is an entry point, with its types first', () => {
  const entries = Object.keys(about.exports).filter((name) => !/wasm$|json$/.test(name));
  assert.deepEqual(entries, builds);
  for (const entry of entries) {
    assert.deepEqual(Object.keys(about.exports[entry]), ['types', 'default']);
    for (const path of Object.values(about.exports[entry]))
      assert.ok(existsSync(join(installed, path)), path);
    assert.ok(existsSync(join(installed, entry, 'latent_canvas_bg.wasm')));
  }
});

test('it has what it needs and nothing else', () => {
  const files = contents.files.map(({ path }) => path);
  for (const path of ['README.md', 'LICENSE-MIT', 'LICENSE-APACHE']) assert.ok(files.includes(path), path);
  // That build is not made where Rust's own sources are missing.
  if (builds.includes('./threads')) {
    const script = readFileSync(join(installed, 'threads/latent_canvas.js'), 'utf8');
    assert.ok(existsSync(join(installed, 'threads', /from '(\.\/snippets\/[^']+)'/.exec(script)[1])));
  }
  const known =
    /^(README\.md|LICENSE-\w+|package\.json|([\w-]+\/)?latent_canvas(\.js|\.d\.ts|_bg\.wasm)|threads\/snippets\/.*)$/;
  assert.deepEqual(
    files.filter((path) => !known.test(path)),
    [],
  );
});

test('a build takes less than 2 MB unpacked, and all five less than 7.7 MB', () => {
  for (const build of builds) {
    const place = build === '.' ? '' : `${build.slice(2)}/`;
    const own = contents.files.filter(
      ({ path }) => path.startsWith(place) && !path.slice(place.length).includes('/'),
    );
    const size = own.reduce((sum, file) => sum + file.size, 0);
    assert.ok(size > 500_000 && size < 2_000_000, `${build}: ${size} bytes`);
  }
  assert.ok(contents.unpackedSize < 7_700_000, `${contents.unpackedSize} bytes`);
  assert.ok(contents.size < 2_700_000, `${contents.size} bytes as an archive`);
});

test('publint has nothing to say', async () => {
  const { messages, pkg } = await publint({ pkgDir: installed, pack: false });
  assert.deepEqual(
    messages.map((message) => formatMessage(message, pkg)),
    [],
  );
});

// It is a package of ES modules alone, which Node gives to `require` as well: that rule is older than this.
test('"Are the types wrong?" has nothing to say', () => {
  const rules = ['--ignore-rules', 'cjs-resolves-to-esm'];
  const { stdout, status } = spawnSync('npx', ['attw', archive, ...rules], { encoding: 'utf8' });
  assert.equal(status, 0, stdout);
  assert.match(stdout, /No problems found/);
});

/** What TypeScript says of a program that uses every entry point, and of the package's types themselves. */
function faults(environment) {
  const file = join(folder, 'program.ts');
  const imports = builds.map(
    (entry, at) => `import * as build${at} from '${entry.replace('.', 'latent-canvas')}';`,
  );
  const uses = builds.map(
    (_, at) => `await build${at}.default();\nnew build${at}.Model({ model: 'vae' }, 1).encode(pixels);`,
  );
  writeFileSync(file, `${imports.join('\n')}\nconst pixels = new Float32Array(784);\n${uses.join('\n')}\n`);
  const program = ts.createProgram([file], {
    strict: true,
    noEmit: true,
    // The package's own types are checked too, TypeScript's are not.
    skipDefaultLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    ...environment,
  });
  return ts
    .getPreEmitDiagnostics(program)
    .map(
      ({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
    );
}

const bundled = { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler };
const environments = {
  'a page': { ...bundled, types: [], lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'] },
  'a worker': { ...bundled, types: [], lib: ['lib.es2022.d.ts', 'lib.webworker.d.ts'] },
  Node: {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    lib: ['lib.es2022.d.ts'],
    types: ['node'],
    typeRoots: [resolve('node_modules/@types')],
  },
};

for (const [name, environment] of Object.entries(environments)) {
  test(`its types hold in ${name}, with every check of TypeScript`, () => {
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    assert.deepEqual(faults(environment), []);
  });
}
