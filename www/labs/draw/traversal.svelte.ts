/** What the decoder makes of each latent's whole range, the others staying where they are. */

import { engine } from '../../engine/client';
import { PIXELS } from '../../engine/protocol';
import { Figure } from '../../state/figure.svelte';
import type { CurrentModel } from '../../state/model.svelte';

/** By latent; each steps×784. */
export type Strips = readonly (Float32Array | undefined)[];

export class Traversals {
  readonly #figure = new Figure<Strips>();

  of(model: CurrentModel | undefined): Strips {
    return this.#figure.of(model) ?? [];
  }

  /** Decodes the whole range of some latents, in equal steps. */
  async decode(
    model: CurrentModel,
    latents: Float32Array,
    chosen: readonly number[],
    steps: number,
    [low, high]: readonly [number, number],
  ): Promise<void> {
    const codes = new Float32Array(chosen.length * steps * latents.length);
    chosen.forEach((latent, row) => {
      for (let step = 0; step < steps; step += 1) {
        const at = (row * steps + step) * latents.length;
        codes.set(latents, at);
        codes[at + latent] = low + ((high - low) * (step + 0.5)) / steps;
      }
    });
    await this.#figure.find(model, async (signal) => {
      const worker = await engine.figures(model.key);
      const pixels = await worker.call('decode', [model.key, codes], signal);
      const length = steps * PIXELS;
      const strips = new Array<Float32Array | undefined>(latents.length).fill(undefined);
      chosen.forEach((latent, row) => {
        strips[latent] = pixels.subarray(row * length, (row + 1) * length);
      });
      return strips;
    });
  }
}
