/** What the latent map is made of, and the part of it that is painted rather than drawn. */

import type { Manifold } from '../state/manifold.svelte';
import type { Codes } from '../state/safetensors';
import { SIDE } from '../engine/protocol';
import { rgb } from './colour';

/** Which layers are shown. */
export interface MapLayers {
  manifold: boolean;
  codes: boolean;
  posterior: boolean;
  encoder: boolean;
}

/** The decoded plane is a backdrop for the codes, and the picture itself without them. */
const BACKDROP_OPACITY = 0.34;
const PICTURE_OPACITY = 0.85;
const CODE_OPACITY = 0.85;

export function paintManifold(
  context: CanvasRenderingContext2D,
  manifold: Manifold,
  side: number,
  ink: string,
  backdrop: boolean,
): void {
  const opacity = backdrop ? BACKDROP_OPACITY : PICTURE_OPACITY;
  const { pixels, columns } = manifold;
  const length = columns * SIDE;
  const image = new ImageData(length, length);
  const [red, green, blue] = rgb(ink);
  for (let index = 0; index < pixels.length; index += 1) {
    const pixel = index % (SIDE * SIDE);
    const cell = (index - pixel) / (SIDE * SIDE);
    const x = (cell % columns) * SIDE + (pixel % SIDE);
    const y = Math.floor(cell / columns) * SIDE + Math.floor(pixel / SIDE);
    const at = 4 * (y * length + x);
    image.data[at] = red;
    image.data[at + 1] = green;
    image.data[at + 2] = blue;
    image.data[at + 3] = 255 * opacity * (pixels[index] ?? 0);
  }
  const tiles = new OffscreenCanvas(length, length);
  tiles.getContext('2d')?.putImageData(image, 0, 0);
  context.imageSmoothingQuality = 'high';
  context.drawImage(tiles, 0, 0, side, side);
}

/** Every code of the classes wanted as its digit, in its class's colour. */
export function paintCodes(
  context: CanvasRenderingContext2D,
  codes: Codes,
  extent: number,
  side: number,
  glyphSize: number,
  colours: readonly string[],
  font: string,
  classes: readonly boolean[] | undefined,
): void {
  context.save();
  context.globalAlpha = CODE_OPACITY;
  context.font = `650 ${String(glyphSize)}px ${font}`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  const scale = side / (2 * extent);
  for (let index = 0; index < codes.count; index += 1) {
    const digit = codes.label[index] ?? 0;
    if (classes && !classes[digit]) continue;
    const x = ((codes.mean[index * codes.latents] ?? 0) + extent) * scale;
    const y = (extent - (codes.mean[index * codes.latents + 1] ?? 0)) * scale;
    context.fillStyle = colours[digit] ?? 'gray';
    context.fillText(String(digit), x, y);
  }
  context.restore();
}
