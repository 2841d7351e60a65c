/** What the lab's figures are about: the drawing, or the half of it that counts as seen, and its exact posterior. */

import { shapeOf, type PosteriorShape } from '../../components/contours';
import { engine } from '../../engine/client';
import { PIXELS, type Code, type GridPosterior, type Perception } from '../../engine/protocol';
import { Figure } from '../../state/figure.svelte';
import { evidenceMethod, type CurrentModel } from '../../state/model.svelte';
import { frameRound, type Frame } from './plane';
import { maskOf, type Seen } from './settings';

export interface Subject {
  model: CurrentModel;
  /** As the model is given them: ink or paper. */
  pixels: Float32Array;
  seen: Seen;
  /** None for the whole drawing. */
  mask: Float32Array | undefined;
  /** The encoder's q; of half a drawing the rest is taken for paper, which nobody taught it. */
  code: Code;
  /** With two latents. */
  exact: Exact | undefined;
}

export interface Exact {
  posterior: GridPosterior;
  shape: PosteriorShape;
  /** The square that shows where the mass is. */
  frame: Frame;
}

/** Shares of the mass inside each contour; the 1 and 2 sd ones of a Gaussian are drawn as lines. */
export const MASSES = [0.1, 0.25, 0.3935, 0.6, 0.8647, 0.97] as const;

/** What keeps the lab from its figures, in a sentence. */
export function obstacleOf(model: CurrentModel): string | undefined {
  if (model.prior === 'none') {
    return 'This model is an autoencoder: it answers with one code and has no probabilities, so no posterior.';
  }
  if (model.prior === 'uniform' || model.prior === 'learned-distribution') {
    return 'The codes of this model are choices, not numbers. Its posterior is a short table of probabilities, so no chain is needed.';
  }
  if (model.capabilities.conditional) {
    return 'This model wants to be told which digit it looks at: choose the class in the Draw lab first.';
  }
  return undefined;
}

/** Whether the page knows the posterior exactly. */
export function isExact(model: CurrentModel): boolean {
  return evidenceMethod(model) === 'quadrature' && model.latents === 2;
}

export class SubjectState extends Figure<Subject> {
  async look(perception: Perception, seen: Seen, model: CurrentModel): Promise<void> {
    await this.find(model, async (signal) => {
      const mask = maskOf(seen, PIXELS);
      const pixels = perception.input;
      let code: Code = { mean: perception.mean, logVar: perception.logVar };
      let posterior: GridPosterior | undefined;
      if (!mask) {
        if (isExact(model)) {
          const worker = await engine.figures(model.key);
          posterior = await worker.call('posterior', [model.key, pixels], signal);
        }
      } else {
        const worker = await engine.study(model.key);
        const left = pixels.map((ink, pixel) => ink * (mask[pixel] ?? 0));
        code = await worker.call('encode', [model.key, left], signal);
        if (isExact(model)) {
          posterior = await worker.call('partialPosterior', [model.key, pixels, mask], signal);
        }
      }
      return { model, pixels, seen, mask, code, exact: posterior && exactOf(posterior) };
    });
  }
}

/** Contours and frame of a posterior. */
function exactOf(posterior: GridPosterior): Exact {
  const shape = shapeOf(posterior, MASSES);
  const reach = [shape.sd[0] * 4, shape.sd[1] * 4] as const;
  const { centre, halfWidth } = posterior;
  // All that the picture holds, or four deviations round the mean where that is less.
  const whole = frameRound([{ centre, reach: [halfWidth, halfWidth] }]);
  const tight = frameRound([{ centre: shape.mean, reach }]);
  return { posterior, shape, frame: tight.halfWidth < whole.halfWidth ? tight : whole };
}
