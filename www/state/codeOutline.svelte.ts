/** Draws of q(z|x) where mean and deviation do not tell its shape: the maps draw contours of them. */

import { engine } from '../engine/client';
import type { ApproximatePosterior, Perception } from '../engine/protocol';
import { Figure } from './figure.svelte';
import { models, type CurrentModel } from './model.svelte';

const DRAWS = 4_000;
/** A Gaussian with independent numbers is its ellipse; choices and points have no outline. */
const WITH_SHAPES: readonly ApproximatePosterior[] = ['full', 'flow', 'with-class'];

class CodeOutline {
  readonly #figure = new Figure<Float32Array>();

  /** Codes of the drawing, one after another; none where q is an ellipse. */
  get draws(): Float32Array | undefined {
    return this.#figure.of(models.current);
  }

  /** Whether the q of the page's model is not an ellipse. */
  get isNeeded(): boolean {
    return models.current !== undefined && WITH_SHAPES.includes(models.current.approximatePosterior);
  }

  async find(perception: Perception | undefined, model: CurrentModel, seed: number): Promise<void> {
    if (!this.isNeeded || !perception || perception.empty) {
      this.#figure.clear();
      return;
    }
    const { input } = perception;
    await this.#figure.find(model, async (signal) => {
      const worker = await engine.figures(model.key);
      return worker.call('drawCodes', [model.key, input, DRAWS, seed], signal);
    });
  }
}

export const codeOutline = new CodeOutline();
