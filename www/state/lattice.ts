/** A regular grid of latents, and what a decoder makes of it. */

/** Decoded images on a regular grid of latents over the map's square; the first row is the top one (largest z2). */
export interface Manifold {
  pixels: Float32Array;
  columns: number;
  /** Side of one image in pixels, where it is not the side of a digit. */
  tileSide?: number;
}

/** Cells on each side of a map's decoded plane. */
export const COLUMNS = 20;

/** Centres of a grid's cells over [-extent, extent]², row by row from the top. */
export function manifoldLatents(columns: number, extent: number): Float32Array {
  const latents = new Float32Array(2 * columns * columns);
  for (let cell = 0; cell < columns * columns; cell += 1) {
    const column = cell % columns;
    const row = Math.floor(cell / columns);
    latents[2 * cell] = extent * ((2 * column + 1) / columns - 1);
    latents[2 * cell + 1] = extent * (1 - (2 * row + 1) / columns);
  }
  return latents;
}
