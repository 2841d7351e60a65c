// Wrong calls of the package: each is refused with a code, and other objects stay as they were.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { finishedScript, finishedTypes } from './glue.mjs';

const spec = { model: 'vae', latents: 2, hidden: [8] };
const image = new Float32Array(784);
const freed = ({ Model }) => {
  const model = new Model(spec, 1);
  model.free();
  return model;
};

/** Frees a model while it reads the options of a call. */
function reentrance({ Model }) {
  const model = new Model(spec, 1);
  model.sample(1, {
    get seed() {
      model.free();
      return 1;
    },
  });
}

/** By what is wrong: the code, and the call of a build and of a model in it. */
const calls = {
  'pixels too few': ['shape', (_, model) => model.encode(image.subarray(1))],
  'pixels out of range': ['invalid-argument', (_, model) => model.encode(image.map(() => 2))],
  'pixels that are no numbers': ['non-finite', (_, model) => model.encode(image.map(() => NaN))],
  'a string for pixels': ['invalid-argument', (_, model) => model.encode('0'.repeat(784))],
  'strings for pixels': ['invalid-argument', (_, model) => model.encode(Array(784).fill('0'))],
  'big integers for pixels': ['invalid-argument', (_, model) => model.encode(new BigInt64Array(784))],
  'an object for pixels': ['invalid-argument', (_, model) => model.encode({ length: 784 })],
  'no pixels': ['invalid-argument', (_, model) => model.encode()],
  'a number for a word': ['invalid-argument', (_, model) => model.interpolate([0, 0], [1, 1], 3, 5)],
  'an unknown word': ['invalid-argument', (_, model) => model.interpolate([0, 0], [1, 1], 3, 'straight')],
  'no bytes': ['invalid-argument', ({ Model }) => Model.load(null)],
  'a buffer for an array': ['invalid-argument', ({ Model }, model) => Model.load(model.save().buffer)],
  'bytes of something else': ['checkpoint', ({ Model }) => Model.load(new Uint8Array(99))],
  'a family that is not': ['unknown-model', ({ Model }) => new Model({ model: 'gan' }, 1)],
  'a seed that is not whole': ['invalid-argument', ({ Model }) => new Model(spec, 0.5)],
  'null for an object': ['invalid-argument', ({ LatentGrid }) => new LatentGrid(null)],
  'an object of another class': [
    'invalid-argument',
    ({ LatentGrid }, model) => new LatentGrid(new LatentGrid(model)),
  ],
  'a call of what was freed': ['freed', (build) => freed(build).encode(image)],
  'a property of what was freed': ['freed', (build) => freed(build).latents],
  'freed twice': ['freed', (build) => freed(build).free()],
  'something freed for an object': ['freed', (build) => new build.LatentGrid(freed(build))],
  'freed while it is called': ['busy', reentrance],
};

/** What only a whole build has. */
const callsOfAll = {
  'null for a model': [
    'invalid-argument',
    ({ Trainer, Dataset }) => new Trainer(null, Dataset.strokes(9, 1)),
  ],
  'data for a model': [
    'invalid-argument',
    ({ Trainer, Dataset }, model) => new Trainer(Dataset.strokes(9, 1), model),
  ],
  'a string for labels': ['invalid-argument', ({ Dataset }) => Dataset.fromPixels(image, '7')],
  'a string for a list': ['invalid-argument', ({ inspectFiles }) => inspectFiles('images', [])],
  'a number in a list of names': [
    'invalid-argument',
    ({ inspectFiles }) => inspectFiles([1], [new Uint8Array(9)]),
  ],
  'an option that is not': [
    'invalid-argument',
    ({ Trainer, Dataset }, model) => new Trainer(model, Dataset.strokes(9, 1), { momentum: 1 }),
  ],
};

/** A refusal has its code and is a sentence. */
function assertRefused(call, code) {
  assert.throws(call, (error) => {
    assert.ok(error instanceof Error);
    assert.equal(error.code, code, error.message);
    assert.ok(error.message.length > 10);
    return true;
  });
}

for (const [folder, refused] of [
  ['pkg', { ...calls, ...callsOfAll }],
  ['pkg/viewer', calls],
]) {
  const build = await import(`../${folder}/latent_canvas.js`);
  test(`${folder}: a call before it is loaded`, () => {
    assertRefused(() => new build.Model(spec, 1), 'not-loaded');
    assertRefused(() => build.buildName(), 'not-loaded');
    build.initSync({ module: readFileSync(`${folder}/latent_canvas_bg.wasm`) });
    assert.equal(build.buildName(), 'simd128');
  });
  for (const [name, [code, call]] of Object.entries(refused)) {
    test(`${folder}: ${name}`, () => {
      const model = new build.Model(spec, 1);
      const before = model.encode(image);
      assertRefused(() => call(build, model), code);
      assert.deepEqual(model.encode(image), before);
      model.free();
    });
  }
  test(`${folder}: numbers in any array are read`, () => {
    const model = new build.Model(spec, 1);
    for (const same of [[...image], Float64Array.from(image), Uint8Array.from(image)]) {
      assert.deepEqual(model.encode(same), model.encode(image));
    }
  });
}

// Node runs neither relaxed SIMD everywhere nor the threads of a browser.
test('the builds for browsers alone have the same layer', () => {
  const layer = readFileSync('npm/refusals.js', 'utf8');
  for (const name of ['relaxed', 'threads', 'viewer-relaxed'].filter((name) => existsSync(`pkg/${name}`))) {
    const script = readFileSync(`pkg/${name}/latent_canvas.js`, 'utf8');
    assert.ok(script.includes(layer), name);
    assert.match(script.replace(layer, ''), /throw misuse\([^]*expectNumbers\([^]*expectText\(/, name);
  }
});

test('the README of the package names every code of the types, and no other', () => {
  const [, list] = /export type ErrorCode =([^;]*);/.exec(readFileSync('pkg/latent_canvas.d.ts', 'utf8'));
  const declared = [...list.matchAll(/"([\w-]+)"/g)].map(([, code]) => code);
  const [, table] = /## Errors\n([^]*?)\n## /.exec(readFileSync('npm/README.md', 'utf8'));
  const rows = [...table.matchAll(/^\| (`.*?) +\|/gm)].flatMap(([, cell]) => cell.match(/[\w-]+/g));
  assert.deepEqual(rows.toSorted(), declared.toSorted());
});

test('a script that wasm-bindgen writes otherwise is noticed', () => {
  assert.throws(() => finishedScript('let wasm;\n'), /wasm-bindgen has written 0 places/);
  assert.throws(() => finishedTypes('export {};\n'), /wasm-bindgen has written 0 places/);
});
