/** The density of a prior of two latents that the page's model has learned: the maps draw its contours. */

import { engine } from '../engine/client';
import type { PlaneDensity } from '../engine/protocol';
import { Figure } from './figure.svelte';
import { models, type CurrentModel } from './model.svelte';

/** Cells a side of the map's square. */
const RESOLUTION = 96;

class LearnedPrior {
  readonly #figure = new Figure<PlaneDensity>();

  /** Over the square of the maps; none for a unit normal, whose circles are known. */
  get density(): PlaneDensity | undefined {
    return this.#figure.of(models.current);
  }

  async find(model: CurrentModel | undefined): Promise<void> {
    if (model?.prior !== 'learned-density' || model.latents !== 2) {
      this.#figure.clear();
      return;
    }
    if (this.#figure.of(model)) return;
    const { extent } = model;
    await this.#figure.find(model, async (signal) => {
      const worker = await engine.figures(model.key);
      const logDensity = await worker.call('logPrior', [model.key, centres(extent)], signal);
      return {
        centre: [0, 0],
        halfWidth: extent,
        resolution: RESOLUTION,
        density: logDensity.map(Math.exp),
      };
    });
  }
}

/** Of the cells of the square: rows of rising z2, columns of rising z1. */
function centres(extent: number): Float32Array {
  const at = (cell: number): number => extent * ((2 * cell + 1) / RESOLUTION - 1);
  const places = new Float32Array(2 * RESOLUTION * RESOLUTION);
  for (let cell = 0; cell < RESOLUTION * RESOLUTION; cell += 1) {
    places[2 * cell] = at(cell % RESOLUTION);
    places[2 * cell + 1] = at(Math.floor(cell / RESOLUTION));
  }
  return places;
}

export const learnedPrior = new LearnedPrior();
