// Latent Canvas through its public JavaScript interface. It binarises each batch anew, in its own time.
import { DIGITS, DIGITS_SEED, LEARNING_RATE } from '../works.js';

const SEED = 1;

export async function open({ package: path, threads }) {
  const ours = await import(new URL(`../${path}`, import.meta.url).href);
  const { memory } = await ours.default();
  if (threads) await ours.startThreads(threads);
  const digits = ours.Dataset.strokes(DIGITS, DIGITS_SEED);

  return {
    create({ hidden, latents, batchSize }) {
      const spec = { model: 'vae', latents, hidden: [hidden], activation: 'relu' };
      const trainer = new ours.Trainer(new ours.Model(spec, SEED), digits, {
        batchSize,
        learningRate: LEARNING_RATE,
        seed: SEED,
        binarization: 'dynamic',
      });
      let model;
      const grid = latents === 2 && new ours.LatentGrid(trainer.model());
      return {
        step() {
          model?.free();
          model = undefined;
          return trainer.step(1).loss;
        },
        encodeDecode(pixels) {
          // A copy, made once after the last step.
          model ??= trainer.model();
          return model.decode(model.encode(pixels).mean);
        },
        posterior: grid ? (pixels) => grid.posterior(pixels) : undefined,
      };
    },
    memory: () => memory.buffer.byteLength,
    roofline: ours.roofline,
  };
}
