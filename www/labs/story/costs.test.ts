import { describe, expect, it } from 'vitest';

import { costOf } from './costs';

describe('costOf', () => {
  it('adds up the logarithms of what came out', () => {
    expect(costOf(Float32Array.of(1, 0), Float32Array.of(0.5, 0.25))).toBeCloseTo(Math.LN2 - Math.log(0.75));
  });

  it('is large, and finite, where something certain is wrong', () => {
    expect(costOf(Float32Array.of(1), Float32Array.of(0))).toBeCloseTo(6 * Math.LN10, 3);
  });
});
