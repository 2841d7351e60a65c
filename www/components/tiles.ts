/** Digit images as pixels of a canvas: opacity is the value, so the theme's paper shows through. */

import { SIDE } from '../engine/protocol';

export type Rgb = readonly [number, number, number];

/**
 * Paints images side by side, `columns` a row, `pitch` pixels from one to the next. Alpha is the value itself, which
 * keeps it readable for tests.
 */
export function paintTiles(
  target: ImageData,
  pixels: Float32Array,
  columns: number,
  pitch: number,
  [red, green, blue]: Rgb,
  opacity = 1,
  side = SIDE,
): void {
  const { data, width } = target;
  const size = side * side;
  const count = Math.floor(pixels.length / size);
  for (let tile = 0; tile < count; tile += 1) {
    const left = (tile % columns) * pitch;
    const top = Math.floor(tile / columns) * pitch;
    for (let row = 0; row < side; row += 1) {
      let from = tile * size + row * side;
      let at = 4 * ((top + row) * width + left);
      for (let column = 0; column < side; column += 1, from += 1, at += 4) {
        data[at] = red;
        data[at + 1] = green;
        data[at + 2] = blue;
        data[at + 3] = Math.round(255 * opacity * (pixels[from] ?? 0));
      }
    }
  }
}
