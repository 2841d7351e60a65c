/** The current model's decoded plane of latents, behind every map of it. */

import { engine } from '../engine/client';
import { Figure } from './figure.svelte';
import { COLUMNS, manifoldLatents, type Manifold } from './lattice';
import { models, type CurrentModel } from './model.svelte';

export type { Manifold };

class ManifoldState {
  readonly #figure = new Figure<Manifold>();
  /** What the page was opened with, until the plane is decoded here. */
  #recalled = $state.raw<{ key: string; manifold: Manifold }>();

  get current(): Manifold | undefined {
    const recalled = this.#recalled?.key === models.current?.key ? this.#recalled?.manifold : undefined;
    return this.#figure.of(models.current) ?? recalled;
  }

  recall(key: string, manifold: Manifold): void {
    this.#recalled = { key, manifold };
  }

  /** Decodes the plane of a model with two latents; there is none for others. */
  async decode(model: CurrentModel): Promise<void> {
    this.#figure.clear();
    if (this.#recalled?.key !== model.key) this.#recalled = undefined;
    if (model.latents !== 2) return;
    const latents = manifoldLatents(COLUMNS, model.extent);
    await this.#figure.find(model, async (signal) => {
      const worker = await engine.figures(model.key);
      return { pixels: await worker.call('decode', [model.key, latents], signal), columns: COLUMNS };
    });
    this.#recalled = undefined;
  }
}

export const manifold = new ManifoldState();
