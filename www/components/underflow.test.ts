import { expect, it } from 'vitest';

import { multiply, pixelProbabilities, powerOfTen, SMALLEST_DOUBLE, SMALLEST_SINGLE } from './underflow';

it('halves die where 32 bits, and where 64 bits, have no smaller number', () => {
  // 2^-149 is the smallest number above 0 of 32 bits, and half of it rounds to the even neighbour, 0: the 150th half.
  const { single, double, logSum, singleDies, doubleDies } = multiply(new Float32Array(1100).fill(0.5));
  expect(singleDies).toBe(149);
  expect(single[148]).toBe(2 ** -149);
  expect(single[149]).toBe(0);
  expect(doubleDies).toBe(1074);
  expect(double[1073]).toBe(2 ** -1074);
  expect(logSum[1099]).toBeCloseTo(-1100 * Math.LN2, 9);
  expect(Math.log(2 ** -149)).toBeCloseTo(SMALLEST_SINGLE, 9);
  expect(Math.log(2 ** -1074)).toBeCloseTo(SMALLEST_DOUBLE, 9);
});

it('multiplies in 32 bits as the processor does', () => {
  // In 32 bits 0.1 is 0.100000001490116…, and its square 0.0100000007078051567…
  const { single, double } = multiply(Float32Array.of(0.1, 0.1));
  expect(single[1]).toBe(0.010000000707805157);
  expect(double[1]).toBe(Math.fround(0.1) ** 2);
  expect(single[1]).not.toBe(double[1]);
});

it('what is likely never dies', () => {
  const { single, singleDies, doubleDies, logSum } = multiply(new Float32Array(784).fill(0.99));
  expect(singleDies).toBeUndefined();
  expect(doubleDies).toBeUndefined();
  expect(Math.log(single[783] ?? 0)).toBeCloseTo(784 * Math.log(Math.fround(0.99)), 3);
  expect(logSum[783]).toBeCloseTo(784 * Math.log(Math.fround(0.99)), 9);
});

it('a pixel counts as it is: ink or paper', () => {
  const found = pixelProbabilities(Float32Array.of(1, 0, 1), Float32Array.of(0.75, 0.75, 0.125));
  expect([...found]).toEqual([0.75, 0.25, 0.125]);
});

it('one impossible pixel ends it at once', () => {
  const { singleDies, doubleDies, logSum } = multiply(Float32Array.of(0.5, 0, 0.5));
  expect([singleDies, doubleDies]).toEqual([1, 1]);
  expect(logSum[2]).toBe(-Infinity);
});

it('says a small number by its size', () => {
  expect(powerOfTen(2 ** -149)).toBe('1.4·10⁻⁴⁵');
  expect(powerOfTen(0.0123)).toBe('0.012');
  expect(powerOfTen(1)).toBe('1.0');
  expect(powerOfTen(0)).toBe('0');
  expect(powerOfTen(NaN)).toBe('–');
});
