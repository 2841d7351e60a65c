import { expect, it } from 'vitest';

import { readSettings } from './settings';
import { FACTORS, PLAIN, RANGES } from './strokeFactors';

it('has defaults and reads what the address says', () => {
  const usual = readSettings(undefined);
  expect(usual).toMatchObject({ part: 'table', dice: 0, label: undefined, blurred: 'mnist-2d' });
  expect(usual.factors).toMatchObject({ class: 3, ...PLAIN, jitter: 0, variant: 0 });
  const read = readSettings({ part: 'factors', label: 4, factorModel: 'strokes-2d', slant: 0.5 });
  expect(read).toMatchObject({ part: 'factors', label: 4, factorModel: 'strokes-2d' });
  expect(read.factors.slant).toBe(0.5);
});

it('a digit as most are lies within every interval', () => {
  for (const { factor } of FACTORS) {
    expect(PLAIN[factor]).toBeGreaterThanOrEqual(RANGES[factor][0]);
    expect(PLAIN[factor]).toBeLessThanOrEqual(RANGES[factor][1]);
  }
});
