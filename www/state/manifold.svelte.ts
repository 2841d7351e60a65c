/** The current model's decoded plane of latents, behind every map of it. */

import { engine } from '../engine/client';
import { isAbort, LatestWins } from '../engine/latest';
import type { CurrentModel } from './model.svelte';

/** Decoded images on a regular grid of latents over the map's square; the first row is the top one (largest z2). */
export interface Manifold {
  pixels: Float32Array;
  columns: number;
}

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

const COLUMNS = 20;

class ManifoldState {
  current = $state.raw<Manifold>();
  readonly #lane = new LatestWins();

  /** Decodes the plane of a model with two latents; there is none for others. */
  async decode(model: CurrentModel): Promise<void> {
    this.current = undefined;
    this.#lane.clear();
    if (model.latents !== 2) return;
    try {
      const pixels = await this.#lane.submit((signal) =>
        engine.pen.call('decode', [model.key, manifoldLatents(COLUMNS, model.extent)], signal),
      );
      this.current = { pixels, columns: COLUMNS };
    } catch (error) {
      if (!isAbort(error)) throw error;
    }
  }
}

export const manifold = new ManifoldState();
