/** Images of half the side, as they are kept in the HTML: the backdrop of the map, which is seen faint and small. */

import { PIXELS, SIDE } from '../engine/protocol';

export const SMALL = SIDE / 2;

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
