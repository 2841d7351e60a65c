/** What the figures compute with: the drawing as the model is given it, once the pen rests. */

import type { Code } from '../../engine/protocol';
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

class SubjectState {
  current = $state.raw<Subject>();
  /** A newer drawing waits for the pen to rest: what is known is of the one before. */
  isBehind = $state(false);

  /** To be called while a component is made. */
  follow(): void {
    let waiting: { key: string; input: Float32Array; timer: ReturnType<typeof setTimeout> } | undefined;
    const stop = (): void => {
      clearTimeout(waiting?.timer);
      waiting = undefined;
      this.isBehind = false;
    };
    $effect(() => {
      const model = models.current;
      const seen = perception.current;
      // What the page was opened with is rounded, and soon found anew: figures begin with the live answer.
      const isLive = !models.isRecalled && !perception.isRecalled;
      if (!model || !seen || seen.empty || !isLive) {
        stop();
        this.current = undefined;
        return;
      }
      const { mean, logVar, input, reconstruction } = seen;
      const isOf = (known: { key: string; input: Float32Array } | undefined): boolean =>
        known?.key === model.key && areEqual(known.input, input);
      // The same drawing stays the same subject, also where it was looked at again.
      const { current } = this;
      if (isOf(current && { key: current.model.key, input: current.pixels })) {
        stop();
        return;
      }
      if (isOf(waiting)) return;
      stop();
      const timer = setTimeout(() => {
        stop();
        this.current = { model, pixels: input, code: { mean, logVar }, reconstruction };
      }, REST_MS);
      waiting = { key: model.key, input, timer };
      this.isBehind = true;
    });
    $effect(() => stop);
  }
}

export const subject = new SubjectState();
