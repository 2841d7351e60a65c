/** The samples on show, drawn by the engine; of several requests only the newest counts. */

import { engine } from '../../engine/client';
import { LatestWins } from '../../engine/latest';
import type { SampleOptions, Samples } from '../../engine/protocol';
import type { CurrentModel } from '../../state/model.svelte';
import { report } from '../../state/toasts.svelte';

export class Draws {
  current = $state.raw<Samples & { model: CurrentModel }>();
  readonly #lane = new LatestWins();

  async draw(model: CurrentModel, count: number, options: SampleOptions): Promise<void> {
    try {
      const samples = await this.#lane.submit(async () => {
        const worker = await engine.figures(model.key);
        return worker.call('sample', [model.key, count, options]);
      });
      this.current = { ...samples, model };
    } catch (error) {
      report(error);
    }
  }
}
