/** Figures of a set of samples. */

import { PIXELS } from '../../engine/protocol';

/** Mean distance of the codes from the middle of the prior, in its standard deviations. */
export function meanDistance(latents: Float32Array, size: number): number {
  const count = latents.length / size;
  let sum = 0;
  for (let row = 0; row < count; row += 1) {
    let squares = 0;
    for (let axis = 0; axis < size; axis += 1) squares += (latents[row * size + axis] ?? 0) ** 2;
    sum += Math.sqrt(squares);
  }
  return sum / count;
}

/** Mean entropy of an image's coin tosses given its code, nats: 0 if the decoder were sure of every pixel. */
export function meanEntropy(probabilities: Float32Array): number {
  let sum = 0;
  for (const p of probabilities) {
    if (p > 0 && p < 1) sum -= p * Math.log(p) + (1 - p) * Math.log1p(-p);
  }
  return sum / (probabilities.length / PIXELS);
}

/** The code nearest to a place of the plane, of codes with two latents. */
export function nearestOf(latents: Float32Array, [z1, z2]: readonly [number, number]): number {
  let nearest = 0;
  let least = Infinity;
  for (let row = 0; 2 * row < latents.length; row += 1) {
    const distance = Math.hypot((latents[2 * row] ?? 0) - z1, (latents[2 * row + 1] ?? 0) - z2);
    if (distance < least) {
      least = distance;
      nearest = row;
    }
  }
  return nearest;
}
