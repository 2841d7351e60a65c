import { describe, expect, it } from 'vitest';

import type { Amount, Choice } from './chapter';
import { compare, placeOf, recall, valueAt } from './guesses';
import { readKept } from './progress.svelte';

const STEPS: Amount = { kind: 'amount', from: 10, to: 100_000, logarithmic: true, unit: 'steps' };
const SHARE: Amount = { kind: 'amount', from: 0, to: 100, unit: '%' };
const shown = ({ unit }: Amount, value: number): string => `${String(value)} ${unit}`;

describe('a guess on a slider', () => {
  it('goes from end to end, by equal factors where asked', () => {
    expect([0, 50, 100, 200].map((place) => valueAt(STEPS, place))).toEqual([10, 100, 1_000, 100_000]);
    expect([0, 100, 200].map((place) => valueAt(SHARE, place))).toEqual([0, 50, 100]);
    expect(placeOf(STEPS, 1_000)).toBe(100);
    expect(placeOf(SHARE, 500)).toBe(200);
  });
});

describe('a comparison', () => {
  it('praises what is close and names both numbers', () => {
    expect(compare(SHARE, 40, 42, shown)).toBe('You said 40 %; it is 42 %: well guessed.');
    expect(compare(SHARE, 10, 90, shown)).toBe('You said 10 %; it is 90 %.');
  });

  it('does not make a limit the answer', () => {
    expect(compare(SHARE, 90, 90, shown, true)).toBe('You said 90 %; it is more than 90 %.');
  });

  it('of another drawing names its answer and judges nothing', () => {
    expect(recall(SHARE, 40, 42, 43, shown)).toBe('Here it is 43 %. Your guess was 40 % when it was 42 %.');
  });

  it('tells choices apart', () => {
    const choice: Choice = {
      kind: 'choice',
      options: [
        { id: 'wide', name: 'too wide' },
        { id: 'narrow', name: 'too narrow' },
      ],
    };
    expect(compare(choice, 'wide', 'wide', shown)).toBe('Yes: too wide.');
    expect(compare(choice, 'wide', 'narrow', shown)).toBe('You said “too wide”; it is “too narrow”.');
  });
});

describe('kept progress', () => {
  it('is read as far as it can be', () => {
    const kept = '{"chapter":7,"guesses":{"5":"wide","8":1200,"9":null},"answers":{"5":"narrow","8":[]}}';
    expect(readKept(kept)).toEqual({
      chapter: 7,
      guesses: { 5: 'wide', 8: 1200 },
      answers: { 5: 'narrow' },
    });
    for (const text of [null, '', '7', 'null', '{"chapter":"x"}']) {
      expect(readKept(text)).toEqual({ chapter: 1, guesses: {}, answers: {} });
    }
  });
});
