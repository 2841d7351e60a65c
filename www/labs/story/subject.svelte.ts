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

class SubjectState {
  current = $state.raw<Subject>();

  /** To be called while a component is made. */
  follow(): void {
    $effect(() => {
      const model = models.current;
      const seen = perception.current;
      if (!model || !seen || seen.empty) {
        this.current = undefined;
        return;
      }
      if (this.current?.model === model && this.current.pixels === seen.input) return;
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
