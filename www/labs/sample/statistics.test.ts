import { describe, expect, it } from 'vitest';

import { PIXELS } from '../../engine/protocol';
import { meanDistance, meanEntropy, nearestOf } from './statistics';

describe('statistics of samples', () => {
  it('measures how far codes are from the middle', () => {
    expect(meanDistance(Float32Array.of(3, 4, 0, 0), 2)).toBeCloseTo(2.5, 6);
    expect(meanDistance(Float32Array.of(1, 1, 1, 1), 4)).toBeCloseTo(2, 6);
  });

  it('measures the entropy of the coins, per image', () => {
    expect(meanEntropy(new Float32Array(2 * PIXELS).fill(0.5))).toBeCloseTo(PIXELS * Math.log(2), 3);
    const sure = new Float32Array(PIXELS);
    sure[5] = 1;
    expect(meanEntropy(sure)).toBe(0);
  });

  it('finds the nearest code', () => {
    const codes = Float32Array.of(0, 0, 2, 2, -1, 1);
    expect(nearestOf(codes, [-0.8, 0.7])).toBe(2);
    expect(nearestOf(codes, [5, 1])).toBe(1);
  });
});
