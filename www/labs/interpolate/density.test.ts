import { describe, expect, it } from 'vitest';

import { binarised, lengthOf, rowAt } from './density';

describe('measures of a path', () => {
  it('cuts at one half', () => {
    expect([...binarised(Float32Array.of(0.49, 0.5, 1, 0))]).toEqual([0, 1, 1, 0]);
  });

  it('measures length in any number of dimensions', () => {
    expect(lengthOf(Float32Array.of(0, 0, 3, 4, 3, 5), 2)).toBeCloseTo(6, 6);
    expect(lengthOf(Float32Array.of(1, 1, 1), 3)).toBe(0);
  });

  it('finds places between its points, and its ends beyond them', () => {
    const path = Float32Array.of(0, 0, 2, 4, 6, 8);
    expect([...rowAt(path, 2, 0.5)]).toEqual([1, 2]);
    expect([...rowAt(path, 2, 2)]).toEqual([6, 8]);
    expect([...rowAt(path, 2, 7)]).toEqual([6, 8]);
    expect([...rowAt(path, 2, -1)]).toEqual([0, 0]);
  });
});
