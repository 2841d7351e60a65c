/** What was under it: several answers to one spoiled image. */

import { engine } from '../../engine/client';
import type { Degradation, Repaired } from '../../engine/protocol';
import { Figure } from '../../state/figure.svelte';
import type { CurrentModel } from '../../state/model.svelte';
import { asImage } from './damage';

/** Of the quick alternation, as the command line has them. */
const ROUNDS = 100;
const RUNS = 8;
export const COMPLETIONS = 6;

/** Comes in parts, the quickest first. */
export interface Repair {
  original: Float32Array;
  /** What is left, as an image. */
  left: Float32Array;
  /** The encoder's answer to that. */
  reconstruction: Float32Array | undefined;
  alternation: Float32Array | undefined;
  /** E[x|y] and completions by the posterior. */
  repaired: Repaired | undefined;
}

export class Repairs {
  readonly #figure = new Figure<Repair>('abort');

  of(model: CurrentModel | undefined): Repair | undefined {
    return this.#figure.of(model?.key);
  }

  async find(
    model: CurrentModel,
    original: Float32Array,
    degradation: Degradation,
    seed: number,
  ): Promise<void> {
    const { key } = model;
    await this.#figure.find(key, async (signal, show) => {
      // Between calls, not during them: the worker would go on with a call given up, and the next would queue.
      const worker = await engine.study(key);
      const observed = await worker.call('degrade', [original, degradation, seed]);
      const left = asImage(observed, degradation);
      signal.throwIfAborted();
      const { mean } = await worker.call('encode', [key, left]);
      const reconstruction = await worker.call('decode', [key, mean]);
      let found: Repair = { original, left, reconstruction, alternation: undefined, repaired: undefined };
      show(found);
      signal.throwIfAborted();
      const rounds = [key, observed, degradation, ROUNDS, RUNS, seed] as const;
      found = { ...found, alternation: await worker.call('repairByAlternation', [...rounds]) };
      show(found);
      signal.throwIfAborted();
      const repaired = await worker.call('repair', [key, observed, degradation, COMPLETIONS, { seed }]);
      return { ...found, repaired };
    });
  }

  clear(): void {
    this.#figure.clear();
  }
}
