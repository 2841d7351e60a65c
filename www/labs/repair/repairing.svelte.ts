/** Several ways to repair one degraded image. */

import { engine } from '../../engine/client';
import type { Degradation, Repaired, RepairStage } from '../../engine/protocol';
import { Figure } from '../../state/figure.svelte';
import type { CurrentModel } from '../../state/model.svelte';
import { asImage } from './damage';

/** Of the quick alternation, as the command line has them. */
const ROUNDS = 100;
const RUNS = 8;
export const COMPLETIONS = 6;
/** Of chains, which repair where there are more than two latents: enough for pictures, and seen to grow. */
export const CHAINS = { chains: 4, warmUp: 200, draws: 300 };
/** How long a piece of chains takes: the next request waits no longer. */
const PIECE_MS = 150;

/** Comes in parts, the quickest first. */
export interface Repair {
  original: Float32Array;
  /** The degraded image. */
  left: Float32Array;
  /** The encoder's answer to that. */
  reconstruction: Float32Array | undefined;
  alternation: Float32Array | undefined;
  /** E[x|y] and completions by the posterior. */
  repaired: Repaired | undefined;
  /** How far the chains are, where it is they that repair. */
  stage: RepairStage | undefined;
}

/** Names of repairs in the worker: one that is given up must not free the next. */
let repairsMade = 0;

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
      // Checked between calls only: the worker would still finish an aborted call, and the next would have to wait.
      const worker = await engine.study(key);
      const observed = await worker.call('degrade', [original, degradation, seed]);
      const left = asImage(observed, degradation);
      signal.throwIfAborted();
      const { mean } = await worker.call('encode', [key, left]);
      const reconstruction = await worker.call('decode', [key, mean]);
      let found: Repair = {
        original,
        left,
        reconstruction,
        alternation: undefined,
        repaired: undefined,
        stage: undefined,
      };
      show(found);
      signal.throwIfAborted();
      const rounds = [key, observed, degradation, ROUNDS, RUNS, seed] as const;
      found = { ...found, alternation: await worker.call('repairByAlternation', [...rounds]) };
      show(found);
      signal.throwIfAborted();
      if (model.latents === 2) {
        const repaired = await worker.call('repair', [key, observed, degradation, COMPLETIONS, { seed }]);
        return { ...found, repaired };
      }
      repairsMade += 1;
      const name = `repair ${String(repairsMade)}`;
      const options = { ...CHAINS, seed };
      await worker.call('createRepair', [name, key, observed, degradation, COMPLETIONS, options]);
      try {
        for (let steps = 1; ;) {
          signal.throwIfAborted();
          const start = performance.now();
          const stage = await worker.call('advanceRepair', [name, steps]);
          found = { ...found, stage, repaired: stage.repaired };
          if (stage.steps === stage.total) return found;
          show(found);
          steps = Math.max(1, Math.round((steps * PIECE_MS) / (performance.now() - start)));
        }
      } finally {
        await worker.call('releaseRepair', [name]);
      }
    });
  }

  clear(): void {
    this.#figure.clear();
  }
}
