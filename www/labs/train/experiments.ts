/** One-click experiments: what differs from the defaults, and what to look at. */

import type { ParameterSpec, TrainOptions } from '../../engine/protocol';

export interface Experiment {
  label: string;
  /** What to expect. */
  text: string;
  values: TrainOptions;
}

const EXPERIMENTS: readonly Experiment[] = [
  { label: 'The defaults', text: 'Two latents, one hidden layer: learns in seconds.', values: {} },
  {
    label: 'No KL: β = 0',
    text: 'An autoencoder: nothing holds the codes near the prior. They drift apart, and samples from the prior turn to smudges while reconstructions sharpen.',
    values: { beta: 0 },
  },
  {
    label: 'Heavy KL: β = 10',
    text: 'Information is dear: codes crowd round zero, latents fall silent and reconstructions blur into an average digit.',
    values: { beta: 10 },
  },
  {
    label: '8 latents',
    text: 'More room in the code: a better ELBO and sharper strokes. The map becomes a projection.',
    values: { latents: 8 },
  },
  {
    label: '32 latents, free bits',
    text: 'Each latent may spend half a nat before the prior pulls: more of them stay in use.',
    values: { latents: 32, freeBits: 0.5 },
  },
  {
    label: 'Tiny model',
    text: 'Eight hidden units: how little does it take to tell a one from a zero?',
    values: { hidden: [8] },
  },
  {
    label: 'Learning rate too high',
    text: 'Steps so large that the loss jumps about. When numbers stop being finite, training goes back and halves the rate by itself.',
    values: { learningRate: 1, hidden: [128, 128] },
  },
  {
    label: 'KL warm-up',
    text: 'β rises from 0 over the first 1,000 steps: codes spread first and are gathered later.',
    values: { warmupSteps: 1_000 },
  },
];

/** Those whose parameters this engine has. */
export function experimentsFor(specs: readonly ParameterSpec[]): Experiment[] {
  const known = new Set(specs.map(({ name }) => name));
  return EXPERIMENTS.filter(({ values }) => Object.keys(values).every((name) => known.has(name)));
}
