/** What the decoder makes of each latent's whole range, the others staying where they are. */

import { engine } from '../../engine/client';
import { isAbort, LatestWins } from '../../engine/latest';
import { PIXELS } from '../../engine/protocol';
import type { CurrentModel } from '../../state/model.svelte';

export class Traversals {
  /** By latent; each steps×784. */
  strips = $state.raw<readonly (Float32Array | undefined)[]>([]);
  readonly #lane = new LatestWins();

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
    try {
      const pixels = await this.#lane.submit(async (signal) =>
        (await engine.figures(model.key)).call('decode', [model.key, codes], signal),
      );
      const length = steps * PIXELS;
      const strips = new Array<Float32Array | undefined>(latents.length).fill(undefined);
      chosen.forEach((latent, row) => {
        strips[latent] = pixels.subarray(row * length, (row + 1) * length);
      });
      this.strips = strips;
    } catch (error) {
      if (!isAbort(error)) throw error;
    }
  }
}
