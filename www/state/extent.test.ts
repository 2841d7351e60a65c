import { describe, expect, it } from 'vitest';

import { extentOf } from './extent';

describe('extentOf', () => {
  it('holds almost all values, to the half unit', () => {
    expect(extentOf(Float32Array.from({ length: 1000 }, (_, index) => index / 250))).toBe(4);
  });

  it('leaves stray values out', () => {
    const values = new Float32Array(1000).fill(3.2);
    values[7] = 80;
    expect(extentOf(values)).toBe(3.5);
  });

  it('has a width where all values are the same: a collapsed model', () => {
    expect(extentOf(new Float32Array(1000))).toBe(3);
    expect(extentOf(new Float32Array())).toBe(3);
  });

  it('goes no further than asked', () => {
    expect(extentOf(new Float32Array(10).fill(40), 6)).toBe(6);
  });
});
