import { describe, expect, it } from 'vitest';

import { PIXELS } from '../../engine/protocol';
import { meanPicture, meanSharpness, pixelDraws, sharpness } from './blur';

const picture = (...values: number[]): Float32Array =>
  Float32Array.from({ length: PIXELS }, (_, at) => values[at] ?? 0);

describe('sharpness', () => {
  it('is 1 for ink and paper, the probability where all ink has the same, 0 without ink', () => {
    expect(sharpness(picture(1, 1, 1))).toBe(1);
    expect(sharpness(picture(0.25, 0.25))).toBeCloseTo(0.25, 6);
    expect(sharpness(picture(1, 0.5))).toBeCloseTo(1.25 / 1.5, 6);
    expect(sharpness(picture())).toBe(0);
  });

  it('is averaged picture by picture', () => {
    const both = Float32Array.from([...picture(1), ...picture(0.5, 0.5)]);
    expect(meanSharpness(both)).toBeCloseTo(0.75, 6);
  });
});

describe('pixel draws', () => {
  it('are ink or paper, seeded, and have the probabilities for their mean', () => {
    const probabilities = picture(1, 0.3, 0.8);
    const draws = pixelDraws(probabilities, 1_000, 3);
    expect(draws.every((value) => value === 0 || value === 1)).toBe(true);
    expect(pixelDraws(probabilities, 2, 3)).toEqual(draws.subarray(0, 2 * PIXELS));
    const mean = meanPicture(draws);
    // Five standard errors of a share of 1,000.
    [1, 0.3, 0.8, 0].forEach((p, at) => {
      expect(Math.abs((mean[at] ?? 0) - p)).toBeLessThanOrEqual(5 * Math.sqrt((p * (1 - p)) / 1_000) + 1e-6);
    });
  });
});
