/** Which digit the model takes the drawing for. */

import { engine } from '../../engine/client';
import { Figure } from '../../state/figure.svelte';
import type { CurrentModel } from '../../state/model.svelte';

export class ClassProbabilities {
  readonly #figure = new Figure<Float32Array>();

  /** p(y|x) of the image last asked of, 10; none before the model has answered. */
  of(model: CurrentModel | undefined): Float32Array | undefined {
    return this.#figure.of(model?.key);
  }

  async find(model: CurrentModel, pixels: Float32Array): Promise<void> {
    await this.#figure.find(model.key, async (signal) => {
      const worker = await engine.figures(model.key);
      return worker.call('classify', [model.key, pixels], signal);
    });
  }
}
