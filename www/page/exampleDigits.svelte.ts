/** Digits that the page draws by itself, before the visitor's eyes: one at the first visit, others when asked. */

import { motion } from '../components/motion.svelte';
import { replay } from '../components/replay';
import { drawing, type Sketch } from '../state/drawing.svelte';
import { examples } from '../state/examples.svelte';
import { page } from '../state/page.svelte';

/** Two latents have room for a good six: the first picture should not be their weakest. */
export const FIRST_DIGIT = 6;

class ExampleDigits {
  /** Until then nothing on the page is the visitor's own, and a link carries no drawing. */
  touched = $state(false);
  #playing: { abort: AbortController; sketch: Sketch; show: (sketch: Sketch) => void } | undefined;

  /** The visitor takes over: what was being drawn is there at once, so that undo brings all of it back. */
  stop(): void {
    this.touched = true;
    const playing = this.#playing;
    this.#playing = undefined;
    if (!playing) return;
    playing.abort.abort();
    playing.show(playing.sketch);
  }

  /** Draws the digit of the first visit, unless the visitor was faster. It makes way for their first stroke. */
  async drawFirst(): Promise<void> {
    if (this.touched || !drawing.isEmpty) return;
    const sketch = await examples.next(page.seed, FIRST_DIGIT);
    if (!sketch || this.touched) return;
    await this.#play(sketch, (frame) => {
      // A pen on another canvas of the page may have taken over.
      if (drawing.isExample || drawing.isEmpty) drawing.showExample(frame);
      else this.stop();
    });
  }

  /** Draws another digit in place of the drawing. */
  async drawRandom(): Promise<void> {
    this.touched = true;
    const sketch = await examples.next(page.seed);
    if (!sketch) return;
    this.#playing?.abort.abort();
    drawing.replace({ ...sketch, strokes: [] });
    await this.#play(sketch, (frame) => {
      drawing.show(frame);
    });
  }

  async #play(sketch: Sketch, show: (frame: Sketch) => void): Promise<void> {
    if (motion.reduced) {
      show(sketch);
      return;
    }
    const abort = new AbortController();
    const playing = { abort, sketch, show };
    this.#playing = playing;
    await replay(sketch, show, abort.signal);
    if (this.#playing === playing) this.#playing = undefined;
  }
}

export const exampleDigits = new ExampleDigits();
