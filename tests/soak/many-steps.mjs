// The memory of a long run: what WebAssembly has taken after many steps, against what it had taken after a few.
import { readFileSync } from 'node:fs';

import { Dataset, initSync, Model, Trainer } from '../../pkg/latent_canvas.js';

const FEW = 1_000;
const AT_ONCE = 500;

/** Steps with a report, an evaluation and a checkpoint now and then, as the page's worker takes them. */
export function manySteps(count) {
  const { memory } = initSync({
    module: readFileSync(new URL('../../pkg/latent_canvas_bg.wasm', import.meta.url)),
  });
  const data = Dataset.strokes(500, 1);
  const trainer = new Trainer(new Model({ model: 'vae', hidden: [64], latents: 2 }, 1), data, {
    batchSize: 32,
  });
  const trainTo = (steps) => {
    let elbo;
    while (trainer.step(AT_ONCE).step < steps) {
      elbo = trainer.evaluate(data, 100).elbo;
      trainer.save();
    }
    return elbo;
  };
  trainTo(FEW);
  const early = memory.buffer.byteLength;
  const elbo = trainTo(count);
  return { steps: count, earlyBytes: early, lateBytes: memory.buffer.byteLength, elbo };
}
