/** The three paths between two codes, their decoded images, and log p(x) of these. */

import { engine } from '../../engine/client';
import { PIXELS, type Interpolation, type Path } from '../../engine/protocol';
import { Figure } from '../../state/figure.svelte';
import { evidenceMethod, models, type CurrentModel } from '../../state/model.svelte';
import { binarised } from './density';

export const PATHS: readonly Path[] = ['linear', 'spherical', 'geodesic'];

export const PATH_NAMES: Readonly<Record<Path, string>> = {
  linear: 'linear',
  spherical: 'spherical',
  geodesic: 'geodesic',
};
export const STEPS = 17;
/** Importance samples an image, where log p(x) is not known exactly. */
export const SAMPLES = 200;

export interface Route extends Interpolation {
  /** log p(z) of every code, nats; none where codes have no distribution. */
  logPriors: Float32Array | undefined;
  /** log p(x) of every decoded image with its pixels set at 1/2, nats; comes after the images. */
  logLikelihoods: Float64Array | undefined;
}

type Found = Partial<Record<Path, Route>>;

export class Routes {
  readonly #figure = new Figure<Found>('abort');

  /** By path; those of the ends last asked for come one after another. */
  get current(): Found {
    return this.#figure.of(models.current) ?? {};
  }

  /** Finds the wanted path first, then the others, then weighs them in the same order. */
  find(model: CurrentModel, from: Float32Array, to: Float32Array, wanted: Path, seed: number): void {
    const order = [wanted, ...PATHS.filter((path) => path !== wanted)];
    void this.#figure.find(model, async (signal, show) => {
      // Checked between calls only: the worker would still finish an aborted call, and the next would have to wait.
      const worker = await engine.figures(model.key);
      const found: Found = {};
      const hasPrior = model.prior !== 'none';
      for (const path of order) {
        signal.throwIfAborted();
        const route = await worker.call('interpolate', [model.key, from, to, STEPS, path]);
        const logPriors = hasPrior ? await worker.call('logPrior', [model.key, route.latents]) : undefined;
        found[path] = { ...route, logPriors, logLikelihoods: undefined };
        // The first replaces all routes of other ends; they stay in sight until then.
        show({ ...found });
      }
      const estimator = evidenceMethod(model);
      if (estimator === 'none') return found;
      const options = { estimator, samples: SAMPLES, seed };
      for (const path of order) {
        const route = found[path];
        if (!route) continue;
        signal.throwIfAborted();
        const images = binarised(route.probabilities);
        const logLikelihoods = await worker.call('logLikelihoods', [model.key, images, options]);
        found[path] = { ...route, logLikelihoods };
        show({ ...found });
      }
      return { ...found };
    });
  }

  clear(): void {
    this.#figure.clear();
  }
}

/** One image of a route. */
export function frameOf(images: Float32Array, index: number): Float32Array {
  return images.subarray(index * PIXELS, (index + 1) * PIXELS);
}
