import { expect, it } from 'vitest';

import { PIXELS, SIDE } from '../../engine/protocol';
import { blank, inverted, jollyRoger, letter, noise, shifted } from './pictures';

it('noise is a fair coin for each pixel, the same for the same seed', () => {
  const tosses = noise(3, false);
  expect(tosses).toEqual(noise(3, false));
  expect(tosses).not.toEqual(noise(4, false));
  const ink = tosses.reduce((sum, pixel) => sum + pixel, 0);
  // Five deviations of a sum of 784 fair coins, 14 each.
  expect(Math.abs(ink - PIXELS / 2)).toBeLessThan(70);
  expect(new Set(tosses)).toEqual(new Set([0, 1]));
  expect(new Set(noise(3, true)).size).toBeGreaterThan(700);
});

it('a shifted picture is the same picture elsewhere', () => {
  const picture = blank();
  picture[5 * SIDE + 6] = 1;
  picture[27 * SIDE + 27] = 1;
  const moved = shifted(picture);
  expect(moved[8 * SIDE + 10]).toBe(1);
  expect(moved.reduce((sum, pixel) => sum + pixel, 0)).toBe(1);
});

it('an inverted picture has paper where ink was', () => {
  expect([...inverted(Float32Array.of(0, 1, 0.25))]).toEqual([1, 0, 0.75]);
});

it('what is drawn by strokes lies in the field', () => {
  for (const { points, strokeLengths } of [jollyRoger(), letter()]) {
    expect(2 * strokeLengths.reduce((sum, length) => sum + length, 0)).toBe(points.length);
    expect(points.every((place) => place >= 0 && place <= 1)).toBe(true);
  }
});
