/** Digits that the page draws by itself: at the first visit, and at the press of a button. */

import { engine } from '../engine/client';
import { isAbort, LatestWins } from '../engine/latest';
import { toSketch, type Sketch } from './drawing.svelte';

class Examples {
  /** The class of the last one. */
  label = $state<number>();
  #index = 0;
  readonly #lane = new LatestWins();

  /** The next built-in digit of a seed, of the class asked for; undefined when a newer request took over. */
  async next(seed: number, label?: number): Promise<Sketch | undefined> {
    try {
      const index = this.#index;
      this.#index += 1;
      const digit = await this.#lane.submit((signal) =>
        engine.pen.call('strokeDigit', [seed, index, label], signal),
      );
      this.label = digit.label;
      return toSketch(digit);
    } catch (error) {
      if (isAbort(error)) return undefined;
      throw error;
    }
  }
}

export const examples = new Examples();
