import { describe, expect, it } from 'vitest';

import { toasts } from './toasts.svelte';
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

  it('are told where they are changed, once', async () => {
    toasts.messages.forEach(({ id }) => {
      toasts.dismiss(id);
    });
    numberOf({ temperature: 0.7 }, 'temperature', 1, [0, 2]);
    choiceOf({}, 'path', 'linear', ['linear']);
    digitsOf({ hidden: 12 }, 'hidden');
    await Promise.resolve();
    expect(toasts.messages).toEqual([]);
    for (let time = 0; time < 2; time += 1) {
      numberOf({ heat: 90 }, 'heat', 1, [0, 2]);
      integerOf({ frames: 2.5 }, 'frames', 1, [0, 9]);
      choiceOf({ road: 'crooked' }, 'road', 'straight', ['straight']);
      digitsOf({ classes: 'all' }, 'classes');
    }
    await Promise.resolve();
    expect(toasts.messages.map(({ text }) => text)).toEqual([
      'This link’s “heat” cannot be 90 and is 2.',
      'This link’s “frames” cannot be 2.5 and is 3.',
      'This link’s “road” cannot be crooked and is straight.',
      'This link’s “classes” cannot be all and is nothing.',
    ]);
  });

  it('name sets of digits', () => {
    expect(digitsOf({ hidden: 147 }, 'hidden')).toEqual([1, 4, 7]);
    expect(digitsOf({ hidden: 0 }, 'hidden')).toEqual([0]);
    expect(digitsOf({ hidden: 'd0011' }, 'hidden')).toEqual([]);
    expect(digitsOf({ hidden: '00112' }, 'hidden')).toEqual([0, 1, 2]);
    expect(digitsOf({}, 'hidden')).toEqual([]);
  });
});
