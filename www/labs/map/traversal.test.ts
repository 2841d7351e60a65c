import { describe, expect, it } from 'vitest';

import { orderBy, traversalCodes, valuesOf } from './traversal';

describe('traversals', () => {
  it('take the weightiest latents first', () => {
    expect(orderBy([0.1, 3, 0.1, 7])).toEqual([3, 1, 0, 2]);
    expect(orderBy(Float32Array.of())).toEqual([]);
  });

  it('go in equal steps through zero', () => {
    expect(valuesOf(3, 7)).toEqual([-3, -2, -1, 0, 1, 2, 3]);
  });

  it('change one latent and leave the others where they are', () => {
    const codes = traversalCodes(Float32Array.of(0.5, 1, -2), [2, 0], [-1, 1]);
    expect([...codes]).toEqual([0.5, 1, -1, 0.5, 1, 1, -1, 1, -2, 1, 1, -2]);
  });
});
