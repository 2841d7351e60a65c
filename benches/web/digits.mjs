// The stroke digits that every engine trains on, drawn by ours.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { fileOf } from './places.mjs';
import { DIGITS, DIGITS_SEED } from './works.js';

/** Grey pixels in [0, 1] as 32-bit floats, n×784. */
export async function drawDigits() {
  const ours = await import(pathToFileURL(fileOf('pkg/latent_canvas.js')).href);
  ours.initSync({ module: readFileSync(fileOf('pkg/latent_canvas_bg.wasm')) });
  return ours.Dataset.strokes(DIGITS, DIGITS_SEED).images(0, DIGITS);
}
