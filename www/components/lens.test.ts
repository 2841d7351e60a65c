import { describe, expect, it } from 'vitest';

import type { PosteriorShape } from './contours';
import { lensOf } from './lens';

const EXTENT = 3.5;
const SIDE = 420;

function code(mean: [number, number], sd: number) {
  return { mean: Float32Array.from(mean), logVar: Float32Array.of(2 * Math.log(sd), 2 * Math.log(sd)) };
}

function exact(mean: [number, number], sd: number, resolved = true): PosteriorShape {
  return { mean, sd: [sd, sd], resolved, regions: [] };
}

describe('the lens', () => {
  it('shows q and the exact posterior, as large as both fit', () => {
    const lens = lensOf(code([0.5, -0.4], 0.03), exact([0.53, -0.4], 0.02), EXTENT, SIDE);
    expect(lens?.centre).toEqual([0.53, -0.4]);
    expect(lens?.zoom).toBeGreaterThan(7);
    const reach = (0.03 + 3.4 * 0.03) * (lens?.scale ?? 0);
    expect(reach).toBeLessThanOrEqual(lens?.radius ?? 0);
    expect(reach * Math.SQRT2).toBeGreaterThan(lens?.radius ?? Infinity);
  });

  it('shows the exact posterior where q is far away', () => {
    const lens = lensOf(code([2.5, 2], 0.05), exact([-1, -1.5], 0.02), EXTENT, SIDE);
    expect(lens?.centre).toEqual([-1, -1.5]);
    expect(lens?.zoom).toBeGreaterThan(10);
    // It covers neither of them.
    for (const [z1, z2] of [
      [2.5, 2],
      [-1, -1.5],
    ] as const) {
      const x = ((z1 + EXTENT) * SIDE) / (2 * EXTENT);
      const y = ((EXTENT - z2) * SIDE) / (2 * EXTENT);
      expect(Math.hypot(x - (lens?.x ?? 0), y - (lens?.y ?? 0))).toBeGreaterThan(lens?.radius ?? Infinity);
    }
  });

  it('is not there where the map shows enough, or nothing can be shown', () => {
    expect(lensOf(code([0, 0], 1), undefined, EXTENT, SIDE)).toBeUndefined();
    expect(lensOf(code([0, 0], 0.01), undefined, EXTENT, 0)).toBeUndefined();
    expect(lensOf(code([NaN, 0], 0.01), undefined, EXTENT, SIDE)).toBeUndefined();
    expect(lensOf(code([0, 0], 0), undefined, EXTENT, SIDE)).toBeUndefined();
  });

  it('leaves out a shape that its grid does not resolve', () => {
    expect(lensOf(code([0.5, 0.5], 0.02), exact([-2, -2], 0, false), EXTENT, SIDE)?.centre).toEqual([
      0.5, 0.5,
    ]);
  });

  it('lies where it was put, whole', () => {
    const lens = lensOf(code([0, 0], 0.02), undefined, EXTENT, SIDE, [0.5, 2]);
    expect(lens?.x).toBe(SIDE / 2);
    expect(lens?.y).toBe(SIDE - (lens?.radius ?? 0));
  });
});
