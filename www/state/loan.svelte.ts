/** What the Story borrows of the page, and gives back when it is left: the visitor's drawing, model and kind of pixels. */

import type { Binarization } from '../engine/protocol';
import { drawing, type Sketch } from './drawing.svelte';
import { models, type CurrentModel } from './model.svelte';
import { perception } from './perception.svelte';

/** The lab that borrows. */
export const STORY = 'story';

interface Own {
  model: CurrentModel | undefined;
  sketch: Sketch;
  binarization: Binarization | undefined;
}

/** What a chapter wants the page to show. */
export interface Wanted {
  /** Id of a shipped model. */
  model: string;
  /** A drawing to look at; without one it is the visitor's own. */
  sketch?: Sketch | undefined;
}

class Loan {
  #own: Own | undefined;
  /** Whether the drawing on the page is a chapter's and not the visitor's. */
  #isLent = false;
  /** A lab that a chapter led to: the page stays as the chapter has set it up. */
  excursion = $state.raw<{ lab: string; chapter: number }>();

  /** Sets the page up for a chapter; what it was before is remembered. What is drawn meanwhile is the visitor's own. */
  async setUp({ model, sketch }: Wanted): Promise<void> {
    this.excursion = undefined;
    this.#own ??= {
      model: models.current,
      sketch: drawing.sketch,
      binarization: perception.chosenBinarization,
    };
    if (sketch) {
      if (!this.#isLent) this.#own.sketch = drawing.sketch;
      this.#isLent = true;
      drawing.show(sketch);
    } else if (this.#isLent) {
      this.#isLent = false;
      drawing.show(this.#own.sketch);
    }
    perception.chooseBinarization(undefined);
    if ((models.loadingId ?? models.current?.entry?.id) !== model) await models.choose(model);
  }

  /** Another lab is open: unless a chapter led there, the visitor gets back what is theirs. */
  async follow(lab: string): Promise<void> {
    if (lab === STORY || lab === this.excursion?.lab) return;
    this.excursion = undefined;
    const own = this.#own;
    if (!own) return;
    this.#own = undefined;
    if (this.#isLent) drawing.show(own.sketch);
    this.#isLent = false;
    if (own.model) await models.bringBack(own.model);
    perception.chooseBinarization(own.binarization);
  }
}

export const loan = new Loan();
