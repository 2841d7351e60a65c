import { expect, it } from 'vitest';

import { axisOf, binsOf, shareBelow, standing, valuesOf } from './histogram';

const file = {
  pixels: 'thresholded',
  estimator: 'quadrature',
  firstTenth: -1204,
  stepsInTenths: [4, 0, 1233],
} as const;

it('values are the steps added up', () => {
  expect([...valuesOf(file)]).toEqual([-120.4, -120, -120, 3.3]);
});

it('bins lie between round numbers and hold every value once', () => {
  const values = Float64Array.of(-120.4, -120, -120, -101.5, -100, -87.3);
  const bins = binsOf(values, 10);
  expect(bins.map(({ from, to, count }) => [from, to, count])).toEqual([
    [-125, -120, 1],
    [-120, -115, 2],
    [-115, -110, 0],
    [-110, -105, 0],
    [-105, -100, 1],
    [-100, -95, 1],
    [-95, -90, 0],
    [-90, -85, 1],
  ]);
  expect(binsOf(new Float64Array(), 10)).toEqual([]);
  expect(binsOf(Float64Array.of(-5), 10)).toEqual([{ from: -5, to: -4, count: 1 }]);
});

it('a picture has its place among the digits', () => {
  const values = Float64Array.of(-4, -3, -2, -1);
  expect(shareBelow(values, -2.5)).toBe(0.5);
  expect(shareBelow(values, -2)).toBe(0.5);
  expect(shareBelow(values, 9)).toBe(1);
  expect(standing(values, -2.5)).toBe('more probable than 50 % of 4 test digits');
  const many = Float64Array.from({ length: 1000 }, (_, at) => at);
  expect(standing(many, 2.5)).toBe('more probable than 3 of 1,000 test digits');
  expect(standing(values, -9)).toBe('less probable than every one of 4 test digits');
  expect(standing(values, 9)).toBe('more probable than every one of 4 test digits');
});

it('the axis reaches for a picture, but not for one far out', () => {
  const values = Float64Array.of(-200, -100);
  expect(axisOf(values, [])).toEqual([-204, -96]);
  expect(axisOf(values, [-500])).toEqual([-516, -84]);
  expect(axisOf(values, [-5000])).toEqual([-204, -96]);
});
