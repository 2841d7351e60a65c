/** Many codes decoded for a figure; of several requests only the newest counts. */

import { engine } from '../../engine/client';
import { LatestWins } from '../../engine/latest';
import type { CurrentModel } from '../../state/model.svelte';
import { report } from '../../state/toasts.svelte';

export class Decoded {
  current = $state.raw<{ model: CurrentModel; codes: Float32Array; pixels: Float32Array }>();
  readonly #lane = new LatestWins();

  async decode(model: CurrentModel, codes: Float32Array): Promise<void> {
    try {
      const pixels = await this.#lane.submit(async () => {
        const worker = await engine.figures(model.key);
        return worker.call('decode', [model.key, codes]);
      });
      this.current = { model, codes, pixels };
    } catch (error) {
      report(error);
    }
  }
}
