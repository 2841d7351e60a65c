// The viewer as it is shipped: small, and to every call of it the whole package's answer, bit for bit.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import * as viewer from '../pkg/viewer/latent_canvas.js';
import * as whole from '../pkg/latent_canvas.js';

viewer.initSync({ module: readFileSync('pkg/viewer/latent_canvas_bg.wasm') });
whole.initSync({ module: readFileSync('pkg/latent_canvas_bg.wasm') });

const digits = whole.Dataset.strokes(200, 7);
const image = digits.images(3, 1);

const MOST_BYTES = 330_000;

for (const build of ['viewer', 'viewer-relaxed']) {
  test(`pkg/${build} is at most ${MOST_BYTES / 1000} kB to download`, () => {
    const wasm = readFileSync(`pkg/${build}/latent_canvas_bg.wasm`);
    const { length } = gzipSync(wasm, { level: 9 });
    assert.ok(length <= MOST_BYTES, `${length} bytes`);
    assert.ok(existsSync(`pkg/${build}/latent_canvas.d.ts`));
  });
}

/** What the viewer leaves to the whole package, as it does families that it does not know. */
const LEFT_OUT = { likelihood: ['gaussian-decoder'], posterior: ['iaf', 'planar'] };

/** A VAE with its defaults, and with each name that an option of it can have in the viewer. */
function everyChoice() {
  const { id, parameters } = whole.modelFamilies().find((family) => family.id === 'vae');
  const small = { model: id, hidden: [12], latents: 2 };
  const specs = [small, { ...small, latents: 3 }];
  for (const { name, kind, options, default: usual } of parameters) {
    if (kind !== 'choice') continue;
    const known = options.filter((option) => !LEFT_OUT[name]?.includes(option));
    for (const choice of known.filter((option) => option !== usual)) {
      const spec = { ...small, [name]: choice };
      if (name === 'prior') spec.priorComponents = 4;
      specs.push(spec);
    }
  }
  return specs;
}

/** Everything that a model tells. */
function tell({ LatentGrid, Projection }, model, size) {
  const { mean, logVar } = model.encode(digits.images(0, 20));
  const [from, to] = [mean.slice(0, size), mean.slice(size, 2 * size)];
  const told = [
    mean,
    logVar,
    model.decode(mean),
    model.spec(),
    model.latents,
    model.priorKind(),
    model.binaryPixels,
  ];
  told.push(model.sample(3, { seed: 4, temperature: 0.8 }), model.logPrior(mean));
  told.push(model.elbo(image, { seed: 1, samples: 3 }));
  for (const path of ['linear', 'spherical', 'geodesic']) told.push(model.interpolate(from, to, 6, path));
  for (const estimator of ['importance', 'naive']) {
    told.push(model.logLikelihood(image, { estimator, samples: 50, seed: 8 }));
  }
  if (size === 2) {
    const grid = new LatentGrid(model);
    told.push(model.logLikelihood(image, { estimator: 'quadrature' }));
    told.push(grid.posterior(image), grid.logLikelihoods(image));
  } else {
    const plane = Projection.fit(mean, size);
    told.push(plane.explained, plane.lift(plane.project(mean)));
  }
  return told;
}

for (const spec of everyChoice()) {
  test(`${JSON.stringify(spec)}: told as by the whole package`, () => {
    const trainer = new whole.Trainer(new whole.Model(spec, 5), digits, { batchSize: 50, seed: 3 });
    trainer.step(4);
    const bytes = trainer.model().save();
    const model = viewer.Model.load(bytes);
    assert.deepEqual(tell(viewer, model, spec.latents), tell(whole, whole.Model.load(bytes), spec.latents));
    assert.deepEqual(viewer.Model.load(model.save()).encode(image), model.encode(image));
    assert.throws(
      () => model.decode(new Float32Array(spec.latents + 1)),
      (error) => error.code === 'shape',
    );
  });
}

test('what needs no model', () => {
  const { points, strokeLengths, penWidth } = viewer.strokeDigit(9, 1, 8);
  assert.deepEqual(
    viewer.normalizeStrokes(points, strokeLengths, penWidth),
    whole.normalizeStrokes(points, strokeLengths, penWidth),
  );
  assert.ok(Number.isFinite(viewer.randomSeed()));
  assert.equal(viewer.buildName(), 'simd128');
  assert.equal(viewer.threadCount(), 1);
});

test('a model that it does not know is refused by that word, so that the page can fetch the rest', () => {
  const left = Object.entries(LEFT_OUT).flatMap(([name, choices]) =>
    choices.map((choice) => ({ model: 'vae', hidden: [12], [name]: choice })),
  );
  for (const spec of [{ model: 'ppca', latents: 2 }, ...left]) {
    const other = new whole.Model(spec, 1).save();
    assert.throws(
      () => viewer.Model.load(other),
      (error) => error.code === 'unknown-model',
    );
  }
  assert.equal(viewer.Trainer, undefined);
  assert.equal(viewer.modelFamilies, undefined);
});
