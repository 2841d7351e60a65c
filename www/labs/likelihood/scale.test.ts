import { expect, it } from 'vitest';

import { domainOf, pathOf } from './scale';

const curve = [
  { evaluations: 1, value: -300 },
  { evaluations: 10, value: -100 },
];

it('shows the whole race, with room above', () => {
  expect(domainOf([curve], { kind: 'unknown' }, 'whole')).toEqual([-300, -88]);
  expect(domainOf([curve], { kind: 'exact', value: -50 }, 'whole')).toEqual([-300, -35]);
  expect(domainOf([], { kind: 'unknown' }, 'whole')).toEqual([-200, 0]);
});

it('shows what is near the truth, or near the best that is known', () => {
  expect(domainOf([curve], { kind: 'exact', value: -50 }, 'near')).toEqual([-53, -48.5]);
  expect(domainOf([curve], { kind: 'between', low: -52, high: -51 }, 'near')).toEqual([-55, -49.5]);
  expect(domainOf([curve], { kind: 'unknown' }, 'near')).toEqual([-103, -98.5]);
});

it('holds a value until the next', () => {
  expect(
    pathOf(
      curve,
      (evaluations) => 10 * evaluations,
      (nats) => -nats,
    ),
  ).toBe('M10.0,300.0H100.0V100.0');
});
