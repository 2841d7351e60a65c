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

  /** To be called while a component is made. */
  follow(): void {
    $effect(() => {
      const model = models.current;
      const seen = perception.current;
      // What the page was opened with is rounded, and soon found anew: figures begin with the live answer.
      const isLive = !models.isRecalled && !perception.isRecalled;
      if (!model || !seen || seen.empty || !isLive) {
        this.current = undefined;
        return;
      }
      // The same drawing stays the same subject, also where it was looked at again.
      if (this.current?.model.key === model.key && areEqual(this.current.pixels, seen.input)) return;
      const { mean, logVar, input: pixels, reconstruction } = seen;
      const timer = setTimeout(() => {
        this.current = { model, pixels, code: { mean, logVar }, reconstruction };
      }, REST_MS);
      return () => {
        clearTimeout(timer);
      };
    });
  }
}

export const subject = new SubjectState();
