/** Draws of a Gaussian and their importance weights. */

import type { HeldGaussian } from '../../components/gaussian';
import { Random } from '../../state/random';

/** z = mean + rotated (sd · eps), n×2. */
export function drawsOf({ mean, sd, angle }: HeldGaussian, count: number, seed: number): Float32Array {
  const random = new Random(seed);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const codes = new Float32Array(2 * count);
  for (let at = 0; at < count; at += 1) {
    const [u, v] = [sd[0] * random.normal(), sd[1] * random.normal()];
    codes[2 * at] = mean[0] + u * cos - v * sin;
    codes[2 * at + 1] = mean[1] + u * sin + v * cos;
  }
  return codes;
}

export interface Weighed {
  codes: Float32Array;
  /** p(x, z)/q(z) of each draw, divided by their mean. */
  weights: Float64Array;
  /** log of the mean of the weights, nats: an estimate of log p(x). */
  estimate: number;
  /** (Σw)²/Σw². */
  effective: number;
}

export function weighed(
  codes: Float32Array,
  logJoint: Float64Array,
  logQ: (z1: number, z2: number) => number,
): Weighed {
  const logs = logJoint.map((value, at) => value - logQ(codes[2 * at] ?? 0, codes[2 * at + 1] ?? 0));
  const largest = logs.reduce((most, value) => Math.max(most, value), -Infinity);
  const raw = logs.map((value) => Math.exp(value - largest));
  const sum = raw.reduce((total, value) => total + value, 0);
  const squares = raw.reduce((total, value) => total + value * value, 0);
  return {
    codes,
    weights: raw.map((value) => (value * raw.length) / sum),
    estimate: largest + Math.log(sum / raw.length),
    effective: (sum * sum) / squares,
  };
}
