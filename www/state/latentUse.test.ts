import { describe, expect, it } from 'vitest';

import { latentUse } from './latentUse';

const CODES = {
  mean: Float32Array.from([1, 0, 0.05, -1, 0, -0.05]),
  label: new Uint8Array(2),
  latents: 3,
  count: 2,
};

describe('latentUse', () => {
  it('counts the latents whose KL says something about the drawing', () => {
    expect(latentUse(Float32Array.of(2, 0.009, 0.011), CODES, 3)).toEqual({ used: 2, by: 'drawing' });
  });

  it('finds none in a collapsed model', () => {
    expect(latentUse(new Float32Array(32), undefined, 32)).toEqual({ used: 0, by: 'drawing' });
  });

  it('counts by the spread of the codes where the KL has no parts', () => {
    expect(latentUse(new Float32Array(), CODES, 3)).toEqual({ used: 1, by: 'digits' });
  });

  it('says nothing where nothing is known', () => {
    expect(latentUse(undefined, undefined, 3)).toBeUndefined();
  });
});
