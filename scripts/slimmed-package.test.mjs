// The package as it is shipped, every call of it: what scripts/slim-wasm.mjs has taken out must never be
// asked for. A call of something that is gone is a RuntimeError; a mistake of the caller's has a code.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import * as engine from '../pkg/latent_canvas.js';

engine.initSync({ module: readFileSync('pkg/latent_canvas_bg.wasm') });

const digits = engine.Dataset.strokes(1000, 7);
const image = digits.images(3, 1);

/** Every number that a value holds is finite. */
function assertFinite(value) {
  if (typeof value === 'number') assert.ok(Number.isFinite(value));
  else if (ArrayBuffer.isView(value)) value.forEach(assertFinite);
  else if (value && typeof value === 'object') Object.values(value).forEach(assertFinite);
}

const assertRefused = (code, call) => assert.throws(call, (error) => error.code === code);

/** The images as MNIST's files hold them. */
function idx(magic, sizes, body) {
  const header = Buffer.alloc(4 + 4 * sizes.length);
  header.writeUInt32BE(magic);
  sizes.forEach((size, at) => header.writeUInt32BE(size, 4 + 4 * at));
  return Buffer.concat([header, body]);
}

test('data in every form', () => {
  const pixels = digits.images(0, 20);
  const images = idx(0x803, [20, 28, 28], Buffer.from(pixels.map((value) => Math.round(value * 255))));
  const labels = idx(0x801, [20], Buffer.from(digits.labels(0, 20)));
  const plain = engine.Dataset.fromIdx(images, labels);
  assert.deepEqual(
    engine.Dataset.fromIdx(gzipSync(images), gzipSync(labels)).images(0, 20),
    plain.images(0, 20),
  );
  const both = engine.Dataset.concatenate(engine.Dataset.fromPixels(pixels, digits.labels(0, 20)), plain);
  assert.equal(both.size, 40);
  const partly = Uint8Array.from({ length: 20 }, (_, index) => (index % 2 ? 255 : index % 10));
  const semi = new engine.Model({ model: 'm2', latents: 2, hidden: [8] }, 1);
  const trainer = new engine.Trainer(semi, engine.Dataset.fromPixels(pixels, partly), { batchSize: 20 });
  assertFinite(trainer.step(2).loss);
  const archive = new Uint8Array(readFileSync('tests/fixtures/numpy/digits.npz'));
  const found = engine.inspectFiles(['digits.npz'], [archive]);
  assert.equal(engine.Dataset.fromIdx(found.images, found.labels, true, true).size, 12);
  assert.equal(engine.Dataset.fromIdx(found.testImages, found.testLabels).size, 3);
  assertRefused('data', () => engine.inspectFiles(['digits.npz'], [archive.subarray(0, 2000)]));
  const white = engine.greyPicture('white.png', new Uint8Array(4 * 30 * 30).fill(255), 30, 30);
  assert.deepEqual([...white], Array(784).fill(255));
  assertRefused('data', () => engine.greyPicture('wide.png', new Uint8Array(8), 2, 1));
  const pictures = engine.picturesAsIdx(['3/a.png', '7/b.png'], new Uint8Array([...white, ...white]));
  assert.deepEqual(
    engine.inspectFiles(
      pictures.map(({ name }) => name),
      pictures.map(({ bytes }) => bytes),
    ).count,
    2,
  );
  assertRefused('data', () => engine.Dataset.fromPixels(pixels, partly.fill(12)));
  assertRefused('data', () => engine.Dataset.fromIdx(gzipSync(images).subarray(0, 300)));
  assertRefused('shape', () => engine.Dataset.fromPixels(new Float32Array(783)));
  const { points, strokeLengths, penWidth } = engine.strokeDigit(9, 1, 8);
  assertFinite(engine.normalizeStrokes(points, strokeLengths, penWidth));
});

test('descriptions', () => {
  assert.ok(engine.modelFamilies().length > 0 && engine.trainParameters().length > 0);
  assert.equal(engine.buildName(), 'simd128');
  assert.equal(engine.threadCount(), 1);
  assert.equal(engine.roofline(1000), 80_000);
  assertFinite(engine.randomSeed());
});

const trainings = [
  { binarization: 'grey', freeBits: 0.5 },
  { binarization: 'static', warmupSteps: 20, decaySteps: 50 },
  { binarization: 'dynamic', beta: 1.5 },
  { objective: 'elbo', draws: 3 },
  { objective: 'iwae', draws: 3 },
  { objective: 'dreg', draws: 3 },
];
const models = ['relu', 'tanh', 'elu', 'softplus', 'gelu'].map((activation) => ({
  activation,
  hidden: [32],
}));
models.push({ activation: 'relu', hidden: [48, 24], latents: 5 });

for (const choices of models) {
  const spec = { model: 'vae', latents: 2, ...choices };
  test(`${spec.activation}, ${spec.hidden.length} layers: trained, kept, asked everything`, () => {
    const untrained = new engine.Model(spec, 5);
    let trainer;
    for (const options of trainings) {
      trainer = new engine.Trainer(untrained, digits, { batchSize: 100, seed: 3, ...options });
      assertFinite(trainer.step(12));
      assertFinite(trainer.evaluate(digits, 50));
      trainer.setLearningRate(0.001);
      const resumed = engine.Trainer.resume(trainer.save(), digits);
      assert.equal(resumed.steps, 12);
      assert.equal(resumed.step(3).loss, trainer.step(3).loss);
      assertRefused('checkpoint', () => engine.Trainer.resume(trainer.save().subarray(0, 1000), digits));
    }

    const model = engine.Model.load(trainer.model().save());
    const { mean } = model.encode(digits.images(0, 2));
    assertFinite([model.decode(mean), model.sample(3, { seed: 4, temperature: 0.8 })]);
    const [from, to] = [mean.slice(0, spec.latents), mean.slice(spec.latents)];
    for (const path of ['linear', 'spherical', 'geodesic']) {
      assertFinite(model.interpolate(from, to, 6, path));
    }
    assertFinite(model.elbo(image, { seed: 1, samples: 3 }));
    assertFinite(model.logLikelihoods(image, { estimator: 'importance', samples: 50, seed: 8 }));
    assert.ok(model.estimators().includes('importance'));
    for (const estimator of ['naive', 'importance', 'iwae', 'annealed', 'reverse-annealed']) {
      const stream = new engine.EstimatorStream(model, image, { estimator, seed: 1, temperatures: 2 });
      assertFinite(stream.advance(6).logLikelihood);
      stream.free();
    }
    const codes = model.encode(digits.images(0, 100)).mean;
    const plane = engine.Projection.fit(codes, spec.latents);
    assertFinite([plane.explained, plane.lift(plane.project(codes))]);
    const exactly = { estimator: 'quadrature', samples: 1, seed: 1 };
    if (spec.latents === 2) {
      const { logLikelihood, tolerance } = model.logLikelihood(image, exactly);
      assertFinite([logLikelihood, tolerance]);
      const grid = new engine.LatentGrid(model);
      assertFinite([grid.posterior(image), grid.logLikelihoods(image)]);
    } else {
      assertRefused('unsupported', () => model.logLikelihood(image, exactly));
    }
    assertRefused('shape', () => model.decode(new Float32Array(spec.latents + 1)));
    assertRefused('non-finite', () => model.decode(new Float32Array(spec.latents).fill(NaN)));
  });
}

/** Every family small, with its defaults and with each name that an option of it can have. */
function everyChoice() {
  const specs = [];
  for (const { id, parameters, capabilities } of engine.modelFamilies()) {
    const small = { model: id };
    for (const { name, kind, default: usual } of parameters) {
      if (name === 'hidden') small.hidden = [12];
      else if (name === 'latents') small.latents = 2;
      else if (kind === 'integer' && usual > 4 && name !== 'priorComponents') small[name] = 4;
    }
    specs.push([small, capabilities]);
    for (const { name, kind, options, default: usual } of parameters) {
      if (kind !== 'choice' || name === 'activation') continue;
      for (const choice of options.filter((option) => option !== usual)) {
        const spec = { ...small, [name]: choice };
        if (name === 'prior') spec.priorComponents = 4;
        specs.push([spec, capabilities]);
      }
    }
  }
  return specs;
}

/** All that a model can be asked. */
function ask(model, can) {
  const { mean } = model.encode(image);
  assertFinite([model.decode(mean), model.elbo(image, { seed: 1, samples: 3 })]);
  assert.equal(model.priorKind() === 'none', !can.sample);
  assert.equal(typeof model.binaryPixels, 'boolean');
  if (can.sample) {
    const { latents, probabilities, pixels } = model.sample(3, { seed: 4 });
    assertFinite([latents, probabilities, pixels, model.logPrior(latents)]);
  }
  if (can.conditional) assertFinite([model.given(3).encode(image), model.sample(3, { seed: 4, label: 2 })]);
  if (can.classifies) assertFinite(model.classify(image));
  const estimators = can.likelihood ? ['importance', 'naive', 'annealed', 'exact'] : ['importance'];
  for (const estimator of estimators) {
    try {
      const { logLikelihood } = model.logLikelihood(image, { estimator, samples: 4, seed: 8 });
      assertFinite(logLikelihood);
    } catch (error) {
      assert.equal(error.code, 'unsupported');
    }
  }
  if (can.exact) assertFinite(model.logLikelihood(image, { estimator: 'exact' }).logLikelihood);
  askOfPosterior(model);
}

const black = image.map((value) => Math.round(value));
const upperHalf = Uint8Array.from(image, (_, pixel) => Number(pixel < image.length / 2));
const degradations = [
  { mask: upperHalf },
  { mask: upperHalf, flips: 0.1 },
  { mask: upperHalf, gaussian: 0.2 },
  { average: 2 },
  { average: 4, gaussian: 0.1 },
];

/** Chains, gaps and repair: an answer, or the word that the model has none. */
function askOfPosterior(model) {
  const short = { chains: 2, warmUp: 3, draws: 4, seed: 1 };
  const asked = [
    () => model.bestGaussian(image, 1),
    ...['random-walk', 'independence', 'pcn', 'hmc'].map((kernel) => () => {
      const { latents, acceptance } = model.samplePosterior(image, { ...short, kernel });
      return [latents, acceptance];
    }),
    ...degradations.flatMap((degradation) => {
      const seen = engine.degrade(black, degradation, 3);
      return [
        () => {
          const { mean, pixels } = model.repair(seen, degradation, 2, short);
          return [mean, pixels];
        },
        () => model.repairByAlternation(seen, degradation, 4, 2, 1),
      ];
    }),
  ];
  for (const call of asked) {
    try {
      assertFinite(call());
    } catch (error) {
      assert.equal(error.code, 'unsupported', error);
    }
  }
}

for (const [spec, can] of everyChoice()) {
  test(`${JSON.stringify(spec)}: trained, kept, asked everything`, () => {
    const few = engine.Dataset.strokes(60, 4);
    const untrained = new engine.Model(spec, 5);
    ask(untrained, can);
    const objectives = spec.model === 'vae' ? ['elbo', 'iwae', 'dreg', 'wae', 'tc'] : ['elbo'];
    const options = { seed: 3 };
    if (!can.fitted) options.batchSize = 20;
    if (can.conditional) options.labelled = 20;
    let trained;
    for (const objective of objectives) {
      try {
        const trainer = new engine.Trainer(untrained, few, { ...options, objective });
        assertFinite([trainer.step(2), trainer.evaluate(few, 20)]);
        trained = trainer.model();
      } catch (error) {
        // Some objectives ask for what some components cannot tell.
        assert.equal(error.code, 'unsupported');
      }
    }
    ask(engine.Model.load(trained.save()), can);
  });
}

test('an option that does nothing is refused, with what would make it act', () => {
  const refuses = (options, sentence) => {
    const model = new engine.Model({ model: 'vae', latents: 2, hidden: [8] }, 1);
    assert.throws(() => new engine.Trainer(model, digits, options), {
      code: 'invalid-argument',
      message: sentence,
    });
  };
  refuses({ objective: 'iwae', freeBits: 0.5 }, /^freeBits does nothing .*acts where objective is elbo;/);
  refuses({ labelled: 20 }, /^labelled does nothing .*acts where model is cvae or m2;/);
  assert.throws(() => new engine.Model({ model: 'vae', flowSteps: 3 }, 1), {
    code: 'invalid-argument',
    message: /^flowSteps does nothing .*acts where posterior is iaf or planar;/,
  });
});

test('what does not fit is refused with its size, and in parts it fits', () => {
  const refused = (sentence) => ({ code: 'unsupported', message: sentence });
  const model = new engine.Model({ model: 'vae', latents: 128, hidden: [8] }, 1);
  const many = engine.Dataset.strokes(2048, 1);
  const trainer = new engine.Trainer(model, many, { objective: 'tc', beta: 4, batchSize: 2048 });
  assert.throws(
    () => trainer.step(1),
    refused(
      /^this run needs some \d{5} MB of memory, and this build has 3221 MB for it: choose a smaller batch/,
    ),
  );
  assert.equal(trainer.steps, 0);
  assert.equal(trainer.advance(), undefined);
  assertFinite(new engine.Trainer(model, many, { objective: 'tc', beta: 4, batchSize: 64 }).step(1).loss);
  assert.throws(() => new engine.Trainer(model, many, { objective: 'iwae', draws: 100, batchSize: 2048 }), {
    code: 'invalid-argument',
    message: /204800 codes.*at most 20000 fit/,
  });
});

test('a run that diverges falls back', () => {
  const model = new engine.Model({ model: 'vae', latents: 2, hidden: [64] }, 1);
  const trainer = new engine.Trainer(model, digits, { learningRate: 1, batchSize: 64, seed: 1 });
  try {
    assertFinite(trainer.step(200));
  } catch (error) {
    assert.equal(error.code, 'non-finite');
  }
});
