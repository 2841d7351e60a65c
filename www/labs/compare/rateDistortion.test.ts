import { describe, expect, it } from 'vitest';

import { apart, isoLine, isoLines, niceLimit, ratioTicks, testPoint } from './rateDistortion';

describe('a model’s test digits', () => {
  it('have KL for their rate and minus the reconstruction for their distortion', () => {
    expect(testPoint({ pixels: 'black or white', elbo: -131.64, reconstruction: -124.37 })).toEqual([
      expect.closeTo(7.27, 6),
      124.37,
    ]);
  });

  it('have no place where there is no bound, or a density', () => {
    expect(testPoint({ pixels: 'black or white', reconstruction: -122.46 })).toBeUndefined();
    expect(testPoint({ pixels: 'grey', elbo: 409, reconstruction: 471.96 })).toBeUndefined();
  });
});

it('limits are round and leave room', () => {
  for (const value of [0.3, 7.9, 22.4, 41, 144, 900]) {
    const limit = niceLimit(value);
    expect(limit).toBeGreaterThan(value);
    expect(limit).toBeLessThan(Math.max(9, 1.9 * value));
  }
});

it('lines of one sum are few, and lie on the figure', () => {
  const lines = isoLines(24, 160);
  expect(lines).toEqual([50, 100, 150]);
  expect(isoLines(3, 4)).toEqual([]);
});

it('points of a line have its sum, from no rate to where the figure or the distortion ends', () => {
  for (const [sum, right] of [
    [100, 24],
    [100, 200],
  ] as const) {
    const points = isoLine(sum, right);
    for (const [rate, distortion] of points) expect(rate + distortion).toBeCloseTo(sum, 9);
    expect(points[0]).toEqual([0, sum]);
    expect(points.at(-1)?.[0]).toBe(Math.min(sum, right));
  }
});

it('ticks by ratio are 1 and 3 of every power of ten within the limit', () => {
  expect(ratioTicks(200)).toEqual([0, 1, 3, 10, 30, 100]);
  expect(ratioTicks(4)).toEqual([0, 1, 3]);
});

it('marks that would cover each other stand side by side, others where they are', () => {
  const places = apart(
    [
      [10, 10],
      [12, 10],
      [100, 10],
      [11, 11],
    ],
    20,
  );
  expect(places[0]).toEqual([10, 10]);
  expect(places[2]).toEqual([100, 10]);
  for (const [at, [x, y]] of places.entries()) {
    for (const [otherX, otherY] of places.slice(0, at)) {
      expect(Math.hypot(x - otherX, y - otherY)).toBeGreaterThanOrEqual(20);
    }
  }
});
