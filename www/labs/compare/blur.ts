/** How sharp a picture of probabilities is, and what pixels drawn from it look like. */

import { PIXELS } from '../../engine/protocol';
import { Random } from '../../state/random';

/**
 * Σp² / Σp: how probable a pixel of ink was, on the average over the ink that is drawn from the picture. 1 for pure ink
 * and paper; 0 for a picture without ink.
 */
export function sharpness(probabilities: Float32Array): number {
  let [ink, squares] = [0, 0];
  for (const p of probabilities) {
    ink += p;
    squares += p * p;
  }
  return ink > 0 ? squares / ink : 0;
}

/** The mean sharpness of pictures, 784 pixels each. */
export function meanSharpness(pictures: Float32Array): number {
  const count = pictures.length / PIXELS;
  let sum = 0;
  for (let at = 0; at < count; at += 1) sum += sharpness(pictures.subarray(at * PIXELS, (at + 1) * PIXELS));
  return sum / count;
}

/** Draws of every pixel by itself, count×784: ink with its probability, else paper. */
export function pixelDraws(probabilities: Float32Array, count: number, seed: number): Float32Array {
  const random = new Random(seed);
  const draws = new Float32Array(count * PIXELS);
  for (let at = 0; at < draws.length; at += 1) {
    draws[at] = Number(random.uniform() < (probabilities[at % PIXELS] ?? 0));
  }
  return draws;
}

/** The mean picture of some. */
export function meanPicture(pictures: Float32Array): Float32Array {
  const sums = new Float64Array(PIXELS);
  pictures.forEach((value, at) => {
    sums[at % PIXELS] = (sums[at % PIXELS] ?? 0) + value;
  });
  return Float32Array.from(sums, (sum) => (sum * PIXELS) / pictures.length);
}
