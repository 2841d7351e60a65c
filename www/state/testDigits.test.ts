import { describe, expect, it } from 'vitest';

import { comparable, isWide, type TestLogLikelihood } from './testDigits';

const DIGITS: TestLogLikelihood = {
  median: -125,
  low: -185,
  high: -60,
  pixels: 'thresholded',
  images: 2000,
};

describe('comparable', () => {
  it('takes figures of the same kind of pixels only', () => {
    expect(comparable(DIGITS, 'binary')).toBe(DIGITS);
    expect(comparable(DIGITS, 'grey')).toBeUndefined();
    expect(comparable({ ...DIGITS, pixels: 'grey' }, 'grey')?.median).toBe(-125);
    expect(comparable(undefined, 'binary')).toBeUndefined();
  });
});

describe('isWide', () => {
  it('is a drawing less probable than 95 % of test digits', () => {
    expect(isWide({ value: -186, gap: 3 }, DIGITS)).toBe(true);
    expect(isWide({ value: -184, gap: 3 }, DIGITS)).toBe(false);
  });

  it('is a guess far from the truth, whatever is known of test digits', () => {
    expect(isWide({ value: -120, gap: 16 }, DIGITS)).toBe(true);
    expect(isWide({ value: -120, gap: 16 }, undefined)).toBe(true);
    expect(isWide({ value: -900, gap: 4 }, undefined)).toBe(false);
  });
});
