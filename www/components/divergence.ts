/**
 * KL(q‖p) and KL(p‖q) of a Gaussian q and the exact posterior p of two latents, both by integration on lattices, and the
 * Gaussian that makes the second least.
 */

import { heldOf, logDensity, type HeldGaussian } from './gaussian';

/** Half a side of q's lattice in standard deviations, and points along a side: the trapezoid rule's error is below 10⁻⁷ where
 * the integrand is smooth on q's own scale. */
const REACH = 6;
const POINTS = 41;

/** Points on q's own axes, n×2, and the mass of q that each stands for. */
export interface Lattice {
  z: Float32Array;
  weights: Float64Array;
}

export function latticeOf({ mean, sd, angle }: HeldGaussian): Lattice {
  const z = new Float32Array(2 * POINTS * POINTS);
  const weights = new Float64Array(POINTS * POINTS);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const at = (index: number): number => REACH * ((2 * index) / (POINTS - 1) - 1);
  let total = 0;
  for (let row = 0; row < POINTS; row += 1) {
    for (let column = 0; column < POINTS; column += 1) {
      const [u, v] = [at(column), at(row)];
      const place = row * POINTS + column;
      z[2 * place] = mean[0] + sd[0] * u * cos - sd[1] * v * sin;
      z[2 * place + 1] = mean[1] + sd[0] * u * sin + sd[1] * v * cos;
      const weight = Math.exp(-(u * u + v * v) / 2);
      weights[place] = weight;
      total += weight;
    }
  }
  return { z, weights: weights.map((weight) => weight / total) };
}

/** −∫ q log q, nats. */
function entropy(q: HeldGaussian): number {
  return 1 + Math.log(2 * Math.PI) + Math.log(q.sd[0] * q.sd[1]);
}

/** A figure with what it may be off by. */
export interface Measured {
  value: number;
  tolerance: number;
}

/**
 * KL(q‖p) = ∫ q log q − ∫ q log p(x, z) + log p(x), nats; `logJoint` is log p(x, z) at the points of q's lattice. The
 * tolerance is what leaving out every second point changes, and that of log p(x).
 */
export function reverse(q: HeldGaussian, logJoint: Float64Array, logEvidence: Measured): Measured {
  const { weights } = latticeOf(q);
  let [all, half, halfMass] = [0, 0, 0];
  weights.forEach((weight, place) => {
    const term = weight * (logJoint[place] ?? 0);
    all += term;
    if (Math.floor(place / POINTS) % 2 === 0 && (place % POINTS) % 2 === 0) {
      half += term;
      halfMass += weight;
    }
  });
  return {
    value: -entropy(q) - all + logEvidence.value,
    tolerance: Math.abs(half / halfMass - all) + logEvidence.tolerance,
  };
}

/** The exact posterior at the middles of a square's cells: rows of rising z2, in each of them rising z1. */
export interface Landscape {
  readonly centre: readonly [number, number];
  readonly halfWidth: number;
  readonly side: number;
  /** log p(z|x), nats by unit². */
  readonly logPosterior: Float64Array;
  /** Of all cells together: 1, but for what lies beside the square or between the points. */
  readonly mass: number;
}

/** The middles of the cells, n×2. */
export function cellsOf(centre: readonly [number, number], halfWidth: number, side: number): Float32Array {
  const z = new Float32Array(2 * side * side);
  for (let place = 0; place < side * side; place += 1) {
    z[2 * place] = centre[0] + halfWidth * ((2 * ((place % side) + 0.5)) / side - 1);
    z[2 * place + 1] = centre[1] + halfWidth * ((2 * (Math.floor(place / side) + 0.5)) / side - 1);
  }
  return z;
}

export function landscapeOf(
  centre: readonly [number, number],
  halfWidth: number,
  side: number,
  logJoint: Float64Array,
  logEvidence: number,
): Landscape {
  const logPosterior = logJoint.map((value) => value - logEvidence);
  const cell = ((2 * halfWidth) / side) ** 2;
  const mass = logPosterior.reduce((sum, value) => sum + Math.exp(value) * cell, 0);
  return { centre, halfWidth, side, logPosterior, mass };
}

/** KL(p‖q) = ∫ p log(p/q), nats. The tolerance is from the mass that the landscape lacks. */
export function forward(q: HeldGaussian, landscape: Landscape): Measured {
  const { centre, halfWidth, side, logPosterior, mass } = landscape;
  const z = cellsOf(centre, halfWidth, side);
  const cell = ((2 * halfWidth) / side) ** 2;
  const logQ = logDensity(q);
  let [sum, largest] = [0, 0];
  logPosterior.forEach((value, place) => {
    const weight = Math.exp(value) * cell;
    if (weight === 0) return;
    const difference = value - logQ(z[2 * place] ?? 0, z[2 * place + 1] ?? 0);
    sum += weight * difference;
    if (weight > 1e-9) largest = Math.max(largest, Math.abs(difference));
  });
  return { value: sum / mass, tolerance: Math.abs(1 - mass) * (1 + largest) };
}

/** The Gaussian with the least KL(p‖q): the one with the posterior's mean and covariance. */
export function moments(landscape: Landscape): HeldGaussian {
  const { centre, halfWidth, side, logPosterior } = landscape;
  const z = cellsOf(centre, halfWidth, side);
  let total = 0;
  const [first, second] = [[0, 0] as [number, number], [0, 0, 0] as [number, number, number]];
  logPosterior.forEach((value, place) => {
    const weight = Math.exp(value);
    const [x, y] = [(z[2 * place] ?? 0) - centre[0], (z[2 * place + 1] ?? 0) - centre[1]];
    total += weight;
    first[0] += weight * x;
    first[1] += weight * y;
    second[0] += weight * x * x;
    second[1] += weight * x * y;
    second[2] += weight * y * y;
  });
  const [x, y] = [first[0] / total, first[1] / total];
  return heldOf(
    [centre[0] + x, centre[1] + y],
    [second[0] / total - x * x, second[1] / total - x * y, second[2] / total - y * y],
  );
}

/** Which of the two divergences. */
export type Direction = 'reverse' | 'forward';

/** What each cell adds to a divergence, nats by unit². */
export function integrand(direction: Direction, q: HeldGaussian, landscape: Landscape): Float64Array {
  const z = cellsOf(landscape.centre, landscape.halfWidth, landscape.side);
  const logQ = logDensity(q);
  return landscape.logPosterior.map((logP, place) => {
    const log = logQ(z[2 * place] ?? 0, z[2 * place + 1] ?? 0);
    return direction === 'reverse' ? Math.exp(log) * (log - logP) : Math.exp(logP) * (logP - log);
  });
}
