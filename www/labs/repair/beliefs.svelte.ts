/** What the model believes of an image of which a part is known: at once, and exactly when the visitor rests. */

import { engine } from '../../engine/client';
import type { BeliefPicture, StrokeData, Timed } from '../../engine/protocol';
import { Figure } from '../../state/figure.svelte';
import type { CurrentModel } from '../../state/model.svelte';
import { drawCodes } from './draws';

/** What is known of a pixel, as the engine takes it. */
export const PAPER = 0;
export const INK = 1;
export const UNKNOWN = 2;

/** A pen that stops for less is still drawing. */
const REST_MS = 180;

export interface Believed {
  picture: Timed<BeliefPicture>;
  seen: Uint8Array;
  /** From the question to the answer, the way to the worker and back included. */
  waitedMs: number;
  /** log p of what is known is exact within its tolerance. */
  settled: boolean;
}

/** What codes drawn from a belief look like. */
export class BeliefDraws {
  readonly #figure = new Figure<Float32Array>('abort');

  of(believed: Believed | undefined): Float32Array | undefined {
    return believed && this.#figure.of(believed);
  }

  async find(model: CurrentModel, believed: Believed, count: number, seed: number): Promise<void> {
    await this.#figure.find(believed, async (signal) => {
      const worker = await engine.study(model.key);
      return worker.call('decode', [model.key, drawCodes(believed.picture, count, seed)], signal);
    });
  }
}

export class Beliefs {
  readonly #quick = new Figure<Believed>();
  /** Exact answers, by the quick answer that each replaces. */
  readonly #rested = new Figure<Believed>('abort');
  #rest: ReturnType<typeof setTimeout> | undefined;

  of(model: CurrentModel | undefined): Believed | undefined {
    const quick = this.#quick.of(model?.key);
    return this.#rested.of(quick) ?? quick;
  }

  /** Of strokes where they lie: what the pen has not touched is unknown. */
  drawn(model: CurrentModel, strokes: StrokeData): Promise<void> {
    return this.#find(model, async () => {
      const worker = await engine.study(model.key);
      return worker.call('believeInk', [model.key, strokes]);
    });
  }

  /** Of single pixels. */
  pressed(model: CurrentModel, seen: Uint8Array): Promise<void> {
    return this.#find(model, async () => {
      const worker = await engine.study(model.key);
      const picture = await worker.call('believe', [model.key, seen]);
      return { ...picture, seen };
    });
  }

  clear(): void {
    clearTimeout(this.#rest);
    this.#quick.clear();
    this.#rested.clear();
  }

  async #find(
    model: CurrentModel,
    ask: () => Promise<Timed<BeliefPicture> & { seen: Uint8Array }>,
  ): Promise<void> {
    clearTimeout(this.#rest);
    this.#rested.clear();
    const quick = await this.#quick.find(model.key, async () => {
      const asked = performance.now();
      const { seen, ...picture } = await ask();
      const settled = picture.tolerance !== undefined;
      return { picture, seen, waitedMs: performance.now() - asked, settled };
    });
    if (!quick || quick.settled) return;
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => {
      void this.#rested.find(quick, async () => {
        const worker = await engine.study(model.key);
        const picture = await worker.call('settleBelief', [model.key]);
        // The times that stand beside it are those of the answer to the pen.
        const { milliseconds } = quick.picture;
        return { ...quick, picture: { ...picture, milliseconds }, settled: true };
      });
    }, REST_MS);
  }
}

/** Whether such beliefs can be had: two latents with a unit normal, black and white pixels. */
export function canBelieve(model: CurrentModel): boolean {
  return model.latents === 2 && model.prior === 'unit-normal' && model.binaryPixels;
}
