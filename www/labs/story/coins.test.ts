import { describe, expect, it } from 'vitest';

import { pictureNeeded } from './coins';

describe('pictureNeeded', () => {
  it('is the binomial sum for few coins', () => {
    // Of the 16 ways of four coins, 1 + 4 + 6 = 11 differ in at most two.
    expect(10 ** pictureNeeded(2, 4)).toBeCloseTo(16 / 11, 9);
    expect(10 ** pictureNeeded(0, 10)).toBeCloseTo(1_024, 6);
    expect(pictureNeeded(4, 4)).toBeCloseTo(0, 9);
  });
});
