// The batches that engines without stroke digits of their own train on.
import { BATCHES, PIXELS } from '../works.js';

/**
 * @typedef {object} Data
 * @property {Float32Array[]} batches binarised pixels, each batchSize×784
 * @property {Float32Array} logitBias the logit of each pixel's mean, where every engine's last bias starts
 */

/** Keeps the logit of a pixel that is always or never inked finite. */
const RAREST = 0.001;

/** Mulberry32: a small seeded generator of numbers in [0, 1). */
function generator(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * @param {import('../works.js').Work} work
 * @param {Float32Array} digits grey pixels, n×784
 * @returns {Data}
 */
export function makeData({ batchSize }, digits) {
  const random = generator(1);
  const size = batchSize * PIXELS;
  const batches = Array.from({ length: BATCHES }, (_, batch) =>
    // The set is gone through again, binarised anew, where the batches want more than it has.
    Float32Array.from({ length: size }, (_, pixel) =>
      Number(random() < digits[(batch * size + pixel) % digits.length]),
    ),
  );

  const images = digits.length / PIXELS;
  const logitBias = Float32Array.from({ length: PIXELS }, (_, pixel) => {
    let sum = 0;
    for (let image = 0; image < images; image += 1) sum += digits[image * PIXELS + pixel];
    const mean = Math.min(Math.max(sum / images, RAREST), 1 - RAREST);
    return Math.log(mean / (1 - mean));
  });
  return { batches, logitBias };
}
