import { describe, expect, it } from 'vitest';

import { choiceOf, digitsOf, integerOf, numberOf } from './settings';

describe('settings from an address', () => {
  it('are kept within their limits', () => {
    expect(numberOf({ temperature: 0.7 }, 'temperature', 1, [0, 2])).toBe(0.7);
    expect(numberOf({ temperature: 9 }, 'temperature', 1, [0, 2])).toBe(2);
    expect(numberOf({ temperature: -1 }, 'temperature', 1, [0, 2])).toBe(0);
    expect(integerOf({ seed: 3.6 }, 'seed', 1, [0, 10])).toBe(4);
  });

  it('fall back where they make no sense', () => {
    expect(numberOf(undefined, 'temperature', 1, [0, 2])).toBe(1);
    expect(numberOf({ temperature: 'hot' }, 'temperature', 1, [0, 2])).toBe(1);
    expect(numberOf({ temperature: NaN }, 'temperature', 1, [0, 2])).toBe(1);
    expect(choiceOf({ path: 'crooked' }, 'path', 'linear', ['linear', 'spherical'])).toBe('linear');
    expect(choiceOf({ path: 'spherical' }, 'path', 'linear', ['linear', 'spherical'])).toBe('spherical');
  });

  it('name sets of digits', () => {
    expect(digitsOf({ hidden: 147 }, 'hidden')).toEqual([1, 4, 7]);
    expect(digitsOf({ hidden: 0 }, 'hidden')).toEqual([0]);
    expect(digitsOf({ hidden: 'd0011' }, 'hidden')).toEqual([]);
    expect(digitsOf({ hidden: '00112' }, 'hidden')).toEqual([0, 1, 2]);
    expect(digitsOf({}, 'hidden')).toEqual([]);
  });
});
