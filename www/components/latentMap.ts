/** What the latent map is made of, and the part of it that is painted rather than drawn. */

import type { Manifold } from '../state/manifold.svelte';
import type { Codes } from '../state/safetensors';
import { SIDE } from '../engine/protocol';
import { rgb } from './colour';
import { paintTiles } from './tiles';

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
  const { pixels, columns, tileSide = SIDE } = manifold;
  const length = columns * tileSide;
  const image = new ImageData(length, length);
  paintTiles(image, pixels, columns, tileSide, rgb(ink), opacity, tileSide);
  const tiles = new OffscreenCanvas(length, length);
  tiles.getContext('2d')?.putImageData(image, 0, 0);
  context.imageSmoothingQuality = 'high';
  context.drawImage(tiles, 0, 0, side, side);
}

/** Every code of the classes wanted as its digit, in its class's colour; its place is right to half a pixel. */
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
  // Copies of ten small pictures: to set thousands of letters takes ten times as long.
  const stamps = new Map<number, OffscreenCanvas>();
  const stampOf = (digit: number): OffscreenCanvas => {
    const known = stamps.get(digit);
    if (known) return known;
    const stamp = paintGlyph(digit < 10 ? String(digit) : '•', glyphSize, colours[digit] ?? 'gray', font);
    stamps.set(digit, stamp);
    return stamp;
  };
  const scale = side / (2 * extent);
  context.save();
  context.globalAlpha = CODE_OPACITY;
  for (let index = 0; index < codes.count; index += 1) {
    const digit = codes.label[index] ?? 0;
    if (classes && !classes[digit]) continue;
    const x = ((codes.mean[index * codes.latents] ?? 0) + extent) * scale;
    const y = (extent - (codes.mean[index * codes.latents + 1] ?? 0)) * scale;
    const stamp = stampOf(digit);
    context.drawImage(stamp, Math.round(x - stamp.width / 2), Math.round(y - stamp.height / 2));
  }
  context.restore();
}

function paintGlyph(glyph: string, size: number, colour: string, font: string): OffscreenCanvas {
  const side = Math.ceil(1.4 * size);
  const canvas = new OffscreenCanvas(side, side);
  const context = canvas.getContext('2d');
  if (!context) return canvas;
  context.font = `650 ${String(size)}px ${font}`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.fillStyle = colour;
  context.fillText(glyph, side / 2, side / 2);
  return canvas;
}
