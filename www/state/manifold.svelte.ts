/** The current model's decoded plane of latents, behind every map of it. */

import { engine } from '../engine/client';
import { isAbort, LatestWins } from '../engine/latest';
import { manifoldLatents, type Manifold } from './lattice';
import type { CurrentModel } from './model.svelte';

export type { Manifold };

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
      const pixels = await this.#lane.submit(async (signal) =>
        (await engine.figures(model.key)).call(
          'decode',
          [model.key, manifoldLatents(COLUMNS, model.extent)],
          signal,
        ),
      );
      this.current = { pixels, columns: COLUMNS };
    } catch (error) {
      if (!isAbort(error)) throw error;
    }
  }
}

export const manifold = new ManifoldState();
