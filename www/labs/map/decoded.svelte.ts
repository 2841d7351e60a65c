/** Many codes decoded, and what they were. */

import { engine } from '../../engine/client';
import { Figure } from '../../state/figure.svelte';
import type { CurrentModel } from '../../state/model.svelte';

export class Decoded extends Figure<{ codes: Float32Array; pixels: Float32Array }> {
  async decode(model: CurrentModel, codes: Float32Array): Promise<void> {
    await this.find(model, async (signal) => {
      const worker = await engine.figures(model.key);
      return { codes, pixels: await worker.call('decode', [model.key, codes], signal) };
    });
  }
}
