// What is trained: the same network, loss and optimiser at three sizes.

/**
 * @typedef {object} Work
 * @property {string} name
 * @property {number} hidden units of the one hidden layer on each side
 * @property {number} latents
 * @property {number} batchSize images a step
 */

export const PIXELS = 784;
export const LEARNING_RATE = 1e-3;

/** Digits that are drawn, and batches that are made of them; every engine sees the same. */
export const DIGITS = 4096;
export const DIGITS_SEED = 1;
export const BATCHES = 32;

/** @type {Record<string, Work>} */
export const works = {
  A: { name: 'A', hidden: 400, latents: 20, batchSize: 128 },
  B: { name: 'B', hidden: 128, latents: 2, batchSize: 64 },
  C: { name: 'C', hidden: 400, latents: 20, batchSize: 512 },
};

/**
 * Floating-point operations of a step as they are usually counted: two for each weight and image
 * forward, twice that backward. The element-wise work is not in it.
 * @param {Work} work
 */
export function operations({ hidden, latents, batchSize }) {
  const weights = PIXELS * hidden + hidden * 2 * latents + latents * hidden + hidden * PIXELS;
  return 6 * weights * batchSize;
}
