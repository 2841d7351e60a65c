/** How probable a picture is that is not the drawing, and how far that is known. */

import { engine } from '../../engine/client';
import { EngineError } from '../../engine/protocol';
import { Figure } from '../../state/figure.svelte';
import { evidenceMethod, type CurrentModel } from '../../state/model.svelte';

/** log p(x), nats. */
export interface Verdict {
  value: number;
  /** 0 for what is exact. */
  standardError: number;
  isExact: boolean;
}

export interface Subject {
  model: CurrentModel;
  pixels: Float32Array;
}

/** Importance samples, where log p(x) is not known exactly. */
const SAMPLES = 2_000;

export class Judge {
  readonly #figure = new Figure<Verdict>('abort');

  of(subject: Subject | undefined): Verdict | undefined {
    return subject && this.#figure.of(subject);
  }

  async find(subject: Subject, seed: number): Promise<void> {
    const { model, pixels } = subject;
    await this.#figure.find(subject, async (signal) => {
      const worker = await engine.figures(model.key);
      const method = evidenceMethod(model);
      if (method === 'quadrature') {
        try {
          const { logLikelihood } = await worker.call('posterior', [model.key, pixels], signal);
          return { value: logLikelihood, standardError: 0, isExact: true };
        } catch (error) {
          // Too narrow or too ragged to be integrated: what is left is an estimate.
          if (!(error instanceof EngineError && error.code === 'non-finite')) throw error;
        }
      }
      const estimator = method === 'quadrature' || method === 'none' ? 'importance' : method;
      const options = { estimator, samples: SAMPLES, seed };
      const found = await worker.call('logLikelihood', [model.key, pixels, options], signal);
      const isExact = found.tolerance !== undefined;
      return { value: found.logLikelihood, standardError: isExact ? 0 : found.standardError, isExact };
    });
  }
}
