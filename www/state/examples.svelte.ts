/** Digits that the page draws by itself: at the first visit, and at the press of a button. */

import { engine } from '../engine/client';
import type { StrokeDigit } from '../engine/protocol';
import { drawing, toSketch, type Sketch } from './drawing.svelte';
import { Figure } from './figure.svelte';

class Examples {
  #index = 0;
  readonly #figure = new Figure<StrokeDigit>();

  /** The page was opened with the first of them. */
  skipFirst(): void {
    this.#index = 1;
  }

  /** The next built-in digit of a seed, of the class asked for, by the visitor's pen; none where a newer request took over or it failed. */
  async next(seed: number, label?: number): Promise<Sketch | undefined> {
    const index = this.#index;
    this.#index += 1;
    const digit = await this.#figure.find(this, (signal) =>
      engine.pen.call('strokeDigit', [seed, index, label], signal),
    );
    return digit && { ...toSketch(digit), penWidth: drawing.penWidth };
  }
}

export const examples = new Examples();
