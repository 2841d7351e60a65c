/** The probabilities of a picture's pixels under its own reconstruction, multiplied. */

import { engine } from '../../engine/client';
import { Figure } from '../../state/figure.svelte';
import type { Subject } from './judge.svelte';
import { multiply, pixelProbabilities, type Products } from '../../components/underflow';

export class PictureProducts {
  readonly #figure = new Figure<Products>('abort');

  of(subject: Subject | undefined): Products | undefined {
    return subject && this.#figure.of(subject);
  }

  async find(subject: Subject): Promise<void> {
    await this.#figure.find(subject, async (signal) => {
      const { model, pixels } = subject;
      const worker = await engine.figures(model.key);
      const { mean } = await worker.call('encode', [model.key, pixels], signal);
      const probabilities = await worker.call('decode', [model.key, mean], signal);
      return multiply(pixelProbabilities(pixels, probabilities));
    });
  }
}
