/** What the figures compute with: the drawing as the model is given it, once the pen rests. */

import type { Code, Perception } from '../../engine/protocol';
import { models, type CurrentModel } from '../../state/model.svelte';
import { perception } from '../../state/perception.svelte';

export interface Subject {
  model: CurrentModel;
  /** Ink or paper, 784. */
  pixels: Float32Array;
  /** The encoder's q. */
  code: Code;
  /** Probabilities of ink, decoded from the middle of q. */
  reconstruction: Float32Array;
}

const REST_MS = 220;

const areEqual = (a: Float32Array, b: Float32Array): boolean =>
  a === b || (a.length === b.length && a.every((value, at) => value === b[at]));

/** A drawing and the model that sees it. */
interface Known {
  key: string;
  pixels: Float32Array;
}

interface Live {
  model: CurrentModel;
  seen: Perception;
}

const toKnown = (of: Subject | undefined): Known | undefined =>
  of && { key: of.model.key, pixels: of.pixels };

const isOf = (known: Known | undefined, { model, seen }: Live): boolean =>
  known?.key === model.key && areEqual(known.pixels, seen.input);

class SubjectState {
  current = $state.raw<Subject>();

  /** A newer drawing waits for its answer, or for the pen to rest: what is known is of the one before. */
  get isBehind(): boolean {
    if (perception.isBehind) return true;
    const live = this.#live;
    return live !== undefined && !isOf(toKnown(this.current), live);
  }

  /** What is on the paper and seen by the page's model. */
  get #live(): Live | undefined {
    const model = models.current;
    const seen = perception.current;
    // What the page was opened with is rounded, and soon found anew: figures begin with the live answer.
    const isLive = !models.isRecalled && !perception.isRecalled;
    return model && seen && !seen.empty && isLive ? { model, seen } : undefined;
  }

  /** To be called while a component is made. */
  follow(): void {
    let waiting: (Known & { timer: ReturnType<typeof setTimeout> }) | undefined;
    const stop = (): void => {
      clearTimeout(waiting?.timer);
      waiting = undefined;
    };
    $effect(() => {
      const live = this.#live;
      if (!live) {
        stop();
        this.current = undefined;
        return;
      }
      // The same drawing stays the same subject, also where it was looked at again.
      if (isOf(toKnown(this.current), live)) {
        stop();
        return;
      }
      if (isOf(waiting, live)) return;
      stop();
      const { model } = live;
      const { mean, logVar, input, reconstruction } = live.seen;
      const timer = setTimeout(() => {
        stop();
        this.current = { model, pixels: input, code: { mean, logVar }, reconstruction };
      }, REST_MS);
      waiting = { key: model.key, pixels: input, timer };
    });
    $effect(() => stop);
  }
}

export const subject = new SubjectState();
