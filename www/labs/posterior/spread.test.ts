import { expect, it } from 'vitest';

import { spreadOf } from './spread';

it('gives the mean, its error and the spread of one draw, of the latent that is asked for', () => {
  const gradients = Float64Array.of(1, 10, 3, 20, 5, 30, 7, 40);
  const one = spreadOf(gradients, 2, 0, 1);
  expect(one.estimates).toEqual([1, 3, 5, 7]);
  expect(one.mean).toBe(4);
  expect(one.ofOne).toBeCloseTo(Math.sqrt(20 / 3), 12);
  expect(one.standardError).toBeCloseTo(Math.sqrt(20 / 3) / 2, 12);
  expect(spreadOf(gradients, 2, 1, 2).estimates).toEqual([15, 35]);
});
