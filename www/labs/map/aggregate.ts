/** How the codes of many digits, taken together, compare with the prior. */

import type { Density } from '../../components/density';
import type { Codes } from '../../state/safetensors';

export interface Moments {
  mean: Float64Array;
  /** K×K, row-major. */
  covariance: Float64Array;
}

export function momentsOf({ mean: codes, latents, count }: Codes): Moments {
  const mean = new Float64Array(latents);
  for (let at = 0; at < codes.length; at += 1) {
    const axis = at % latents;
    mean[axis] = (mean[axis] ?? 0) + (codes[at] ?? 0) / count;
  }
  const covariance = new Float64Array(latents * latents);
  for (let row = 0; row < count; row += 1) {
    for (let a = 0; a < latents; a += 1) {
      const first = (codes[row * latents + a] ?? 0) - (mean[a] ?? 0);
      for (let b = 0; b < latents; b += 1) {
        const second = (codes[row * latents + b] ?? 0) - (mean[b] ?? 0);
        covariance[a * latents + b] = (covariance[a * latents + b] ?? 0) + (first * second) / count;
      }
    }
  }
  return { mean, covariance };
}

/** Standard deviation of each latent. */
export function deviationsOf({ covariance, mean }: Moments): number[] {
  return Array.from(mean, (_, axis) => Math.sqrt(covariance[axis * mean.length + axis] ?? 0));
}

/** Of two latents, from −1 to 1; not a number where one of them does not vary. */
export function correlationOf({ covariance: [first = 0, both = 0, , second = 0] }: Moments): number {
  return both / Math.sqrt(first * second);
}

/** log det of the covariance, by Cholesky; -Infinity where some direction has no spread at all. */
export function logDeterminant({ covariance, mean }: Moments): number {
  const size = mean.length;
  const lower = new Float64Array(size * size);
  let sum = 0;
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column <= row; column += 1) {
      let rest = covariance[row * size + column] ?? 0;
      for (let k = 0; k < column; k += 1) {
        rest -= (lower[row * size + k] ?? 0) * (lower[column * size + k] ?? 0);
      }
      if (row !== column) lower[row * size + column] = rest / (lower[column * size + column] ?? 1);
      else if (rest <= 0) return -Infinity;
      else {
        lower[row * size + row] = Math.sqrt(rest);
        sum += Math.log(rest);
      }
    }
  }
  return sum;
}

/** Geometric mean of the standard deviations along the principal directions: 1 for the prior. */
export function effectiveSpread(moments: Moments): number {
  return Math.exp(logDeterminant(moments) / (2 * moments.mean.length));
}

/** KL(N(mean, covariance) ‖ N(0, I)), nats. */
export function gaussianDivergence(moments: Moments): number {
  const { mean, covariance } = moments;
  const trace = mean.reduce((sum, _, axis) => sum + (covariance[axis * mean.length + axis] ?? 0), 0);
  const squares = mean.reduce((sum, value) => sum + value * value, 0);
  return (trace + squares - mean.length - logDeterminant(moments)) / 2;
}

/** Scott's rule for two dimensions, from the smaller of the two standard deviations. */
export function smoothingOf(count: number, deviations: readonly number[]): number {
  return Math.max(0.02, Math.min(...deviations)) * count ** (-1 / 6);
}

/** KL(q ‖ N(0, I)) of a density on a square, nats. */
export function divergenceOf({ density, resolution, extent }: Density): number {
  const cell = (2 * extent) / resolution;
  let sum = 0;
  density.forEach((q, index) => {
    if (q <= 0) return;
    const z1 = cell * ((index % resolution) + 0.5) - extent;
    const z2 = cell * (Math.floor(index / resolution) + 0.5) - extent;
    sum += q * (Math.log(q) + Math.log(2 * Math.PI) + (z1 * z1 + z2 * z2) / 2);
  });
  return sum * cell * cell;
}
