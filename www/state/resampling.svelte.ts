/** Draws of z ~ q(z|x) of the drawing, one after another, each shown as the code that is decoded. */

import { engine } from '../engine/client';
import { Figure } from './figure.svelte';
import { models, type CurrentModel } from './model.svelte';
import { page } from './page.svelte';
import { perception } from './perception.svelte';

class Resampling {
  /** The draws so far, and the input whose q they are of. */
  #shown = $state.raw<{ model: CurrentModel; input: Float32Array; draws: readonly Float32Array[] }>();
  #started = $state.raw<{ model: CurrentModel; input: Float32Array }>();
  /** Every draw has a seed of its own. */
  #asked = 0;
  readonly #next = new Figure<Float32Array>();

  /** Another drawing or another model ends it. */
  get running(): boolean {
    return isPresent(this.#started);
  }

  /** Those of the present drawing, while the last of them is the code on show. */
  get draws(): readonly Float32Array[] {
    const shown = this.#shown;
    if (!shown || !isPresent(shown)) return [];
    return perception.held === shown.draws.at(-1) ? shown.draws : [];
  }

  start(): void {
    const { current } = perception;
    const model = models.current;
    if (current && model) this.#started = { model, input: current.input };
  }

  stop(): void {
    this.#started = undefined;
  }

  /** One draw more. */
  async draw(): Promise<void> {
    const { current } = perception;
    const model = models.current;
    if (!current || !model) return;
    const { input } = current;
    const seed = page.seed + this.#asked;
    this.#asked += 1;
    const code = await this.#next.find(input, (signal) =>
      engine.pen.call('drawCodes', [model.key, input, 1, seed], signal),
    );
    if (!code || !isPresent({ model, input })) return;
    this.#shown = { model, input, draws: [...this.draws, code] };
    await perception.show(code, model, 'held');
  }
}

function isPresent(of: { model: CurrentModel; input: Float32Array } | undefined): boolean {
  return of !== undefined && of.model === models.current && of.input === perception.current?.input;
}

export const resampling = new Resampling();
