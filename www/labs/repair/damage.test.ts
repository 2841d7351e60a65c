import { describe, expect, it } from 'vitest';

import { PIXELS, SIDE } from '../../engine/protocol';
import { asImage, DAMAGES, degradationOf, maskOf, squaredError } from './damage';

const none = new Uint8Array(PIXELS);
const count = (mask: Uint8Array): number => mask.reduce((sum, seen) => sum + seen, 0);

describe('ways to spoil an image', () => {
  it('hide what they say', () => {
    for (const half of ['lower', 'upper', 'left', 'right'] as const) {
      expect(count(maskOf(half, none))).toBe(PIXELS / 2);
    }
    expect(maskOf('lower', none)[0]).toBe(1);
    expect(maskOf('upper', none)[0]).toBe(0);
    expect(maskOf('left', none)[SIDE - 1]).toBe(1);
    expect(maskOf('right', none)[SIDE - 1]).toBe(0);
    expect(count(maskOf('grid', none))).toBe(PIXELS / 4);
    const brushed = none.slice();
    brushed[5] = 1;
    expect(count(maskOf('brush', brushed))).toBe(PIXELS - 1);
    expect(maskOf('brush', brushed)[5]).toBe(0);
  });

  it('are all known to the engine by a mask or an average', () => {
    for (const damage of DAMAGES) {
      const made = degradationOf(damage, 0.2, none);
      expect('average' in made || made.mask.length === PIXELS).toBe(true);
    }
    expect(degradationOf('flips', 0.2, none)).toMatchObject({ flips: 0.2 });
    expect(degradationOf('noise', 0.2, none)).toMatchObject({ gaussian: 0.2 });
  });
});

describe('what was seen', () => {
  it('is shown within the range of pixels', () => {
    const observed = Float32Array.of(-0.5, 0.25, 1.5);
    expect([...asImage(observed, { mask: [] })]).toEqual([0, 0.25, 1]);
  });

  it('fills a block with its mean', () => {
    const observed = Float32Array.from({ length: 49 }, (_, block) => block / 100);
    const image = asImage(observed, { average: 4 });
    expect(image[0]).toBeCloseTo(0);
    expect(image[4]).toBeCloseTo(0.01);
    expect(image[4 * SIDE]).toBeCloseTo(0.07);
    expect(image[PIXELS - 1]).toBeCloseTo(0.48);
  });
});

it('errors are means over all pixels', () => {
  const original = new Float32Array(PIXELS).fill(1);
  expect(squaredError(original, original)).toBe(0);
  expect(squaredError(new Float32Array(PIXELS).fill(0.5), original)).toBeCloseTo(0.25);
});
