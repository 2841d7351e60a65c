/** Gradients of the ELBO towards q's mean, draw by draw, by both estimators and the same dice. */

import { engine } from '../../engine/client';
import type { Code, MeanGradients } from '../../engine/protocol';
import { Figure } from '../../state/figure.svelte';
import type { Subject } from './subject.svelte';

/** How many draws are made for each q. */
export const DRAWS = 1_000;

export class GradientDraws {
  readonly #figure = new Figure<MeanGradients>();

  of(subject: Subject | undefined): MeanGradients | undefined {
    return subject && this.#figure.of(subject);
  }

  async draw(subject: Subject, q: Code, seed: number): Promise<void> {
    await this.#figure.find(subject, async (signal) => {
      const { key } = subject.model;
      const worker = await engine.study(key);
      return worker.call('meanGradients', [key, subject.pixels, q, { draws: DRAWS, seed }], signal);
    });
  }
}
