/** One-click experiments: what differs from the defaults, and what to look at. */

import type { ParameterSpec, TrainOptions } from '../../engine/protocol';

export interface Experiment {
  label: string;
  /** What to expect. */
  text: string;
  values: TrainOptions;
}

/** The figures are those of some twenty seconds on stroke digits. */
const EXPERIMENTS: readonly Experiment[] = [
  {
    label: 'The defaults',
    text: 'Two latents, one hidden layer: within seconds the classes part on the map, and the ELBO rises to some −168 nats.',
    values: {},
  },
  {
    label: 'No KL: β = 0',
    text: 'Nothing holds the codes near the prior: on the map they spread to many standard deviations and the KL climbs to tens of nats. The reconstruction gains no more than a few: with two latents, the prior costs little of it.',
    values: { beta: 0 },
  },
  {
    label: 'Heavy KL: β = 10',
    text: 'Information is dear: the KL falls below 2 nats, codes of different classes overlap, and reconstructions blur.',
    values: { beta: 10 },
  },
  {
    label: '8 latents',
    text: 'More room in the code: an ELBO better by some 50 nats, and sharper strokes. The map becomes a projection.',
    values: { latents: 8 },
  },
  {
    label: '32 latents, free bits',
    text: 'Half a nat of each latent is free: the prior does not pull the KL below 16 nats, and all 32 are in use. (On these digits they are without free bits too.)',
    values: { latents: 32, freeBits: 0.5 },
  },
  {
    label: 'Tiny model',
    text: 'Eight hidden units in place of 128, and the ELBO falls behind by some five nats only: the narrow place is the code of two numbers.',
    values: { hidden: [8] },
  },
  {
    label: 'Learning rate too high',
    text: 'Steps so large that the loss jumps about. Should numbers stop being finite, training goes back and halves the rate by itself.',
    values: { learningRate: 1, hidden: [128, 128] },
  },
  {
    label: 'KL warm-up',
    text: 'β rises from 0 over the first 1,000 steps: the KL climbs first, and falls as β pulls the codes together.',
    values: { warmupSteps: 1_000 },
  },
];

/** Those whose parameters this engine has. */
export function experimentsFor(specs: readonly ParameterSpec[]): Experiment[] {
  const known = new Set(specs.map(({ name }) => name));
  return EXPERIMENTS.filter(({ values }) => Object.keys(values).every((name) => known.has(name)));
}
