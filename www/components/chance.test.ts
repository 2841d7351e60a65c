import { readFileSync } from 'node:fs';

import { expect, it } from 'vitest';

import { BINS, byChance } from './chance';

it('counts with the bins of the crate', () => {
  const source = readFileSync('src/latent/disentanglement/information.rs', 'utf8');
  expect(Number(/BINS: usize = (\d+);/.exec(source)?.[1])).toBe(BINS);
  expect(byChance(1_000)).toBeCloseTo(0.1805, 6);
});
