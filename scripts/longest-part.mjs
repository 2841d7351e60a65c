// The longest part of a training step, for which Pause has to wait: with the objectives and families whose steps are long;
// and the longest piece of a race of estimators, with 32 latents. In Node, with the package for every browser. Run it alone
// (`node scripts/longest-part.mjs`) or by `make measure`.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Dataset, EstimatorStream, initSync, Model, Trainer } from '../pkg/latent_canvas.js';

const IMAGES = 4_000;
/** The first steps are slower, as the engine compiles. */
const WARM_UP = 2;
const STEPS = 4;
const VAE = { model: 'vae', hidden: [128], latents: 2 };

const SETTINGS = [
  [VAE, { batchSize: 1024 }],
  [VAE, { batchSize: 1024, objective: 'wae' }],
  [
    { ...VAE, latents: 10 },
    { batchSize: 1024, objective: 'tc', beta: 4 },
  ],
  [VAE, { batchSize: 1024, freeBits: 0.5 }],
  [VAE, { batchSize: 1024, objective: 'exact' }],
  // One fit is all that principal components take.
  [{ model: 'ppca', latents: 32 }, {}, 0, 1],
  [{ model: 'factor-analysis', latents: 32 }, {}],
  [{ model: 'bernoulli-mixture', components: 50 }, {}],
  [{ model: 'bernoulli-mixture', components: 1000 }, {}, 0, 1],
];

/** Milliseconds of each part of some steps. */
function partsOf(data, spec, options, warmUp, steps) {
  const trainer = new Trainer(new Model(spec, 1), data, options);
  const parts = [];
  for (let step = 0; step < warmUp + steps;) {
    const start = performance.now();
    const report = trainer.advance();
    if (step >= warmUp) parts.push(performance.now() - start);
    if (report) step += 1;
  }
  trainer.free();
  return parts;
}

const root = resolve(import.meta.dirname, '..');
const start = () => initSync({ module: readFileSync(resolve(root, 'pkg/latent_canvas_bg.wasm')) });

export function longestParts() {
  start();
  const data = Dataset.strokes(IMAGES, 1);
  return SETTINGS.map(([spec, options, warmUp = WARM_UP, steps = STEPS]) => {
    const parts = partsOf(data, spec, options, warmUp, steps);
    const name = [...Object.entries(spec), ...Object.entries(options)]
      .map((pair) => pair.join(' '))
      .join(', ');
    return { name, parts: parts.length / steps, longestMs: Math.max(...parts) };
  });
}

const MODEL = 'mnist-32d';
/** Temperatures that each chain passes, one a piece. */
const PIECES = 100;

/** What the Likelihood lab waits for at least, with the estimators that cost most: one temperature of all chains. */
export function longestPieces() {
  start();
  const model = Model.load(readFileSync(resolve(root, `www/public/models/${MODEL}.safetensors`)));
  const digit = Dataset.strokes(1, 1).images(0, 1);
  const pixels = digit.map((p) => Number(p >= 0.5));
  return ['annealed', 'reverse-annealed'].map((estimator) => {
    const stream = new EstimatorStream(model, pixels, { estimator, seed: 1 });
    stream.advance(WARM_UP);
    const pieces = Array.from({ length: PIECES }, () => {
      const begin = performance.now();
      stream.advance(1);
      return performance.now() - begin;
    });
    stream.free();
    return { name: `${estimator}, ${MODEL}`, longestMs: Math.max(...pieces) };
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const { name, parts, longestMs } of longestParts()) {
    console.log(`${name}: ${parts} parts a step, the longest ${longestMs.toFixed(0)} ms`);
  }
  for (const { name, longestMs } of longestPieces()) {
    console.log(`${name}: the longest of ${PIECES} pieces of a race ${longestMs.toFixed(0)} ms`);
  }
}
