import { describe, expect, it } from 'vitest';

import { Plane } from './plane';

const half = Math.SQRT1_2;
/** Through (1, 0, 2), along the diagonal of the first two latents and along the third. */
const plane = new Plane(Float32Array.of(1, 0, 2, 1 + half, half, 2, 1, 0, 3));

describe('a plane of codes', () => {
  it('finds again what it lifted', () => {
    const places = Float32Array.of(0, 0, 1.5, -2, -0.25, 4);
    const back = plane.project(plane.lift(places));
    places.forEach((value, at) => {
      expect(back[at]).toBeCloseTo(value, 5);
    });
  });

  it('drops what stands out of it', () => {
    const [first = NaN, second = NaN] = plane.project(Float32Array.of(1 + half, -half, 2.5));
    expect(first).toBeCloseTo(0, 6);
    expect(second).toBeCloseTo(0.5, 6);
  });

  it('turns variances with it', () => {
    const [c11, c12, c22] = plane.covariance(Float32Array.of(4, 2, 9));
    expect(c11).toBeCloseTo(3, 5);
    expect(c12).toBeCloseTo(0, 5);
    expect(c22).toBeCloseTo(9, 5);
  });
});
