import { describe, expect, it } from 'vitest';

import { cellsOf, forward, integrand, landscapeOf, latticeOf, moments, reverse } from './divergence';
import { covarianceOf, determinant, heldOf, inverse, logDensity, type HeldGaussian } from './gaussian';
import { climbed, fitFrom, fitStarts } from './reverseFit';

const Q: HeldGaussian = { mean: [0.3, -0.2], sd: [0.5, 0.2], angle: 0.6 };
const P: HeldGaussian = { mean: [0.5, 0.1], sd: [0.4, 0.3], angle: -0.4 };
const LOG_EVIDENCE = -73;

/** KL(a‖b) of two Gaussians, in closed form. */
function klOf(a: HeldGaussian, b: HeldGaussian): number {
  const [from, to] = [covarianceOf(a), covarianceOf(b)];
  const precision = inverse(to);
  const [x, y] = [b.mean[0] - a.mean[0], b.mean[1] - a.mean[1]];
  const trace = precision[0] * from[0] + 2 * precision[1] * from[1] + precision[2] * from[2];
  const square = precision[0] * x * x + 2 * precision[1] * x * y + precision[2] * y * y;
  return (trace + square - 2 + Math.log(determinant(to) / determinant(from))) / 2;
}

/** log p(x, z) of a posterior at points n×2. */
function joint(log: (z1: number, z2: number) => number, z: Float32Array): Float64Array {
  return Float64Array.from(
    { length: z.length / 2 },
    (_, at) => LOG_EVIDENCE + log(z[2 * at] ?? 0, z[2 * at + 1] ?? 0),
  );
}

const jointAt = (q: HeldGaussian, log: (z1: number, z2: number) => number): Float64Array =>
  joint(log, latticeOf(q).z);

function landscape(log: (z1: number, z2: number) => number, side = 120) {
  return landscapeOf([0.4, 0], 3, side, joint(log, cellsOf([0.4, 0], 3, side)), LOG_EVIDENCE);
}

/** Two Gaussians, half of the mass each. */
const [LEFT, RIGHT] = [-1, 1].map((side) =>
  logDensity({ mean: [0.4 + side, 0], sd: [0.2, 0.2], angle: 0 }),
) as [(z1: number, z2: number) => number, (z1: number, z2: number) => number];
const bimodal = (z1: number, z2: number): number =>
  Math.log((Math.exp(LEFT(z1, z2)) + Math.exp(RIGHT(z1, z2))) / 2);

describe('divergences', () => {
  it('are the closed forms of two Gaussians, in both directions', () => {
    const evidence = { value: LOG_EVIDENCE, tolerance: 0 };
    const found = reverse(Q, jointAt(Q, logDensity(P)), evidence);
    expect(found.value).toBeCloseTo(klOf(Q, P), 4);
    expect(found.tolerance).toBeLessThan(1e-4);
    const other = forward(Q, landscape(logDensity(P)));
    expect(other.value).toBeCloseTo(klOf(P, Q), 4);
    expect(other.tolerance).toBeLessThan(1e-4);
    expect(reverse(P, jointAt(P, logDensity(P)), evidence).value).toBeCloseTo(0, 5);
    expect(forward(P, landscape(logDensity(P))).value).toBeCloseTo(0, 5);
  });

  it('says what it may be off by where the landscape is too coarse', () => {
    const found = forward(Q, landscape(logDensity(P), 8));
    expect(Math.abs(found.value - klOf(P, Q))).toBeLessThan(found.tolerance + 0.2);
    expect(found.tolerance).toBeGreaterThan(1e-4);
  });

  it('sums up what its picture shows', () => {
    const scene = landscape(logDensity(P));
    const cell = ((2 * scene.halfWidth) / scene.side) ** 2;
    for (const [direction, expected] of [
      ['reverse', klOf(Q, P)],
      ['forward', klOf(P, Q)],
    ] as const) {
      const sum = integrand(direction, Q, scene).reduce((total, value) => total + value * cell, 0);
      expect(sum).toBeCloseTo(expected, 3);
    }
  });
});

describe('fits', () => {
  it('finds a Gaussian posterior in one whole step', () => {
    const found = climbed(Q, jointAt(Q, logDensity(P)), 1);
    expect(found?.mean[0]).toBeCloseTo(P.mean[0], 4);
    expect(found?.mean[1]).toBeCloseTo(P.mean[1], 4);
    const [covariance, expected] = [covarianceOf(found ?? Q), covarianceOf(P)];
    covariance.forEach((value, at) => {
      expect(value).toBeCloseTo(expected[at] ?? NaN, 4);
    });
  });

  it('seeks one mode by KL(q‖p) and covers both by KL(p‖q)', () => {
    const both = moments(landscape(bimodal));
    expect(both.mean[0]).toBeCloseTo(0.4, 4);
    expect(both.sd[0]).toBeCloseTo(Math.hypot(1, 0.2), 3);
    expect(both.sd[1]).toBeCloseTo(0.2, 3);
    let q: HeldGaussian = { mean: [1, 0.2], sd: [0.4, 0.4], angle: 0 };
    for (let step = 0; step < 60; step += 1) q = climbed(q, jointAt(q, bimodal), 0.3) ?? q;
    expect(q.mean[0]).toBeCloseTo(1.4, 3);
    expect(q.sd[0]).toBeCloseTo(0.2, 3);
    // ln 2: the mode that it leaves out.
    const evidence = { value: LOG_EVIDENCE, tolerance: 0 };
    expect(reverse(q, jointAt(q, bimodal), evidence).value).toBeCloseTo(Math.log(2), 3);
  });

  it('has no step where there is no hill', () => {
    const valley = (z1: number, z2: number): number => z1 * z1 + z2 * z2;
    expect(climbed(Q, jointAt(Q, valley), 1)).toBeUndefined();
  });

  it('finds the hill with the mass beside one that is higher, and the Gaussian there', async () => {
    const [needle, hill] = [
      logDensity({ mean: [1.4, 1], sd: [0.06, 0.06], angle: 0 }),
      logDensity({ mean: [-0.6, -0.5], sd: [0.5, 0.4], angle: 0 }),
    ];
    const both = (z1: number, z2: number): number =>
      Math.log(0.1 * Math.exp(needle(z1, z2)) + 0.9 * Math.exp(hill(z1, z2)));
    expect(both(1.4, 1)).toBeGreaterThan(both(-0.6, -0.5) + 1);
    const starts = fitStarts(landscape(both), 3);
    expect(starts.length).toBeGreaterThan(1);
    const evidence = { value: LOG_EVIDENCE, tolerance: 0 };
    const ends = await Promise.all(
      starts.map((start) => fitFrom(start, (z) => Promise.resolve(joint(both, z)), evidence)),
    );
    const least = ends.reduce((best, end) => (end.value < best.value ? end : best));
    // Nearly all of the hill and nothing else: −log 0.9.
    expect(least.value).toBeCloseTo(-Math.log(0.9), 2);
    expect(least.q.mean[0]).toBeCloseTo(-0.6, 1);
    expect(Math.min(...ends.map(({ q }) => Math.hypot(q.mean[0] - 1.4, q.mean[1] - 1)))).toBeLessThan(0.05);
  });
});

describe('a held Gaussian', () => {
  it('is its covariance and back', () => {
    const back = heldOf(Q.mean, covarianceOf(Q));
    expect(back.sd[0]).toBeCloseTo(Q.sd[0], 12);
    expect(back.sd[1]).toBeCloseTo(Q.sd[1], 12);
    expect(back.angle).toBeCloseTo(Q.angle, 12);
  });
});
