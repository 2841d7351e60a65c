/** Images of half the side, as they are kept in the HTML: the backdrop of the map, which is seen faint and small. */

import { PIXELS, SIDE } from '../engine/protocol';

const SMALL = SIDE / 2;

/** Means of two by two pixels. */
export function reduced(images: Float32Array): Float32Array {
  const small = new Float32Array(images.length / 4);
  for (let at = 0; at < images.length; at += 1) {
    const row = Math.floor((at % PIXELS) / SIDE);
    const target = Math.floor(at / PIXELS) * SMALL * SMALL + (row >> 1) * SMALL + ((at % SIDE) >> 1);
    small[target] = (small[target] ?? 0) + (images[at] ?? 0) / 4;
  }
  return small;
}

/** The whole size again: each pixel from the small ones around it. */
export function enlarged(small: Float32Array): Float32Array {
  const images = new Float32Array(small.length * 4);
  const inside = (at: number): number => Math.min(SMALL - 1, Math.max(0, at));
  for (let at = 0; at < images.length; at += 1) {
    const first = Math.floor(at / PIXELS) * SMALL * SMALL;
    const [x, y] = [at % SIDE, Math.floor((at % PIXELS) / SIDE)];
    const [nearX, nearY] = [x >> 1, y >> 1];
    const [farX, farY] = [inside(nearX + (x % 2 ? 1 : -1)), inside(nearY + (y % 2 ? 1 : -1))];
    const of = (column: number, row: number): number => small[first + row * SMALL + column] ?? 0;
    images[at] = (9 * of(nearX, nearY) + 3 * of(farX, nearY) + 3 * of(nearX, farY) + of(farX, farY)) / 16;
  }
  return images;
}
