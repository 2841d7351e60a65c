/** The model's options as they are shown: those of the weights in use, which may bring their own shape. */

import type { ParameterSpec, TrainOptions } from '../../engine/protocol';
import { missing } from './acting';
import { training } from './training.svelte';

class ShownSpecs {
  /** Shipped or dropped weights are what they are. */
  readonly isFresh: boolean = $derived(training.settings.start === 'fresh' && !training.weights);
  readonly values: TrainOptions = $derived(
    this.isFresh ? training.settings.values : { ...training.settings.values, ...training.run.info?.spec },
  );
  readonly ofModel: ParameterSpec[] = $derived(
    training.settings.modelSpecs.filter((spec) => missing(spec, this.values) === undefined),
  );
}

export const shownSpecs = new ShownSpecs();
