/** Pictures made by tossing a coin for every pixel, and how seldom one of them is like a drawing. */

import { PIXELS } from '../../engine/protocol';
import type { Random } from '../../state/random';

export function tossed(random: Random): Float32Array {
  return Float32Array.from({ length: PIXELS }, () => Number(random.uniform() < 0.5));
}

export function differing(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, at) => sum + Number(value !== b[at]), 0);
}

/**
 * How many such pictures it takes, on the average, until one differs from a given one in at most `most` of `count` pixels:
 * 2^count / Σ C(count, k), as a power of ten.
 */
export function pictureNeeded(most: number, count: number): number {
  let logTerm = 0;
  let logSum = 0;
  for (let k = 1; k <= most; k += 1) {
    logTerm += Math.log((count - k + 1) / k);
    const [high, low] = logTerm > logSum ? [logTerm, logSum] : [logSum, logTerm];
    logSum = high + Math.log1p(Math.exp(low - high));
  }
  return (count * Math.LN2 - logSum) / Math.LN10;
}
