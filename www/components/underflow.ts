/** The product of many probabilities, as a computer multiplies them: until it is 0. */

import { scientific, significant } from './format';

export interface Products {
  /** Of the first i + 1 pixels, each rounded to 32 bits. */
  single: Float32Array;
  /** The same in 64 bits. */
  double: Float64Array;
  /** The sum of the logarithms, nats. */
  logSum: Float64Array;
  /** The pixel with which the product becomes 0, counted from 0; undefined where it never does. */
  singleDies: number | undefined;
  doubleDies: number | undefined;
}

/** The natural logarithm of the smallest number above 0 of 32 bits, 2^-149, and of 64 bits, 2^-1074. */
export const SMALLEST_SINGLE = -149 * Math.LN2;
export const SMALLEST_DOUBLE = -1074 * Math.LN2;

/** p of each pixel as it is: of ink where there is ink, of paper where there is paper, rounded to 32 bits. */
export function pixelProbabilities(pixels: Float32Array, inkProbabilities: Float32Array): Float32Array {
  return pixels.map((pixel, at) => {
    const ink = inkProbabilities[at] ?? NaN;
    return pixel >= 0.5 ? ink : 1 - ink;
  });
}

export function multiply(probabilities: Float32Array): Products {
  const count = probabilities.length;
  const products: Products = {
    single: new Float32Array(count),
    double: new Float64Array(count),
    logSum: new Float64Array(count),
    singleDies: undefined,
    doubleDies: undefined,
  };
  let single = 1;
  let double = 1;
  let logSum = 0;
  probabilities.forEach((probability, at) => {
    // The product of two numbers of 32 bits fits into 64: rounded once more it is what a processor's 32 bits give.
    single = Math.fround(single * probability);
    double *= probability;
    logSum += Math.log(probability);
    products.single[at] = single;
    products.double[at] = double;
    products.logSum[at] = logSum;
    if (single === 0) products.singleDies ??= at;
    if (double === 0) products.doubleDies ??= at;
  });
  return products;
}

/** A number from 0 to 1 by its size, such as 3.2·10⁻⁴⁰. */
export function powerOfTen(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (value === 0) return '0';
  return value < 1e-3 ? scientific(value, 2) : significant(value, 2);
}
