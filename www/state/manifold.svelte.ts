/** The current model's decoded plane of latents, behind every map of it. */

import { engine } from '../engine/client';
import { Figure } from './figure.svelte';
import { manifoldLatents, type Manifold } from './lattice';
import { models, type CurrentModel } from './model.svelte';

export type { Manifold };

const COLUMNS = 20;

class ManifoldState {
  readonly #figure = new Figure<Manifold>();

  get current(): Manifold | undefined {
    return this.#figure.of(models.current);
  }

  /** Decodes the plane of a model with two latents; there is none for others. */
  async decode(model: CurrentModel): Promise<void> {
    this.#figure.clear();
    if (model.latents !== 2) return;
    const latents = manifoldLatents(COLUMNS, model.extent);
    await this.#figure.find(model, async (signal) => {
      const worker = await engine.figures(model.key);
      return { pixels: await worker.call('decode', [model.key, latents], signal), columns: COLUMNS };
    });
  }
}

export const manifold = new ManifoldState();
