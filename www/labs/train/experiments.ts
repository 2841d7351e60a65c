/** One-click experiments in the order of a course: what differs from the defaults, and what to look at. */

import { chosen } from '../../components/format';
import type { ModelFamily, ParameterSpec, TrainOptions } from '../../engine/protocol';
import { choiceLabel } from './acting';
import { MODEL } from './trainingSettings.svelte';

export interface Experiment {
  label: string;
  /** What to expect. */
  text: string;
  values: TrainOptions;
}

/** What is said of each is what some twenty seconds on stroke digits show. */
const EXPERIMENTS: readonly Experiment[] = [
  {
    label: 'The defaults',
    text: 'Two latents, one hidden layer. Within seconds the classes separate on the map, and the ELBO rises.',
    values: {},
  },
  {
    label: 'As in the textbooks',
    text: 'Two latents, two layers of 128 ELU units, pixels drawn once. Nothing is known at step 0: samples are noise, and your redrawn digit is grey. Then strokes appear, then classes.',
    values: { hidden: [128, 128], activation: 'elu', binarization: 'static', firstImage: 'noise' },
  },
  {
    label: 'No KL: β = 0',
    text: 'Nothing holds the codes near the prior. On the map they spread to many standard deviations, and the KL climbs to tens of nats. The reconstruction becomes only a little better, and samples from the prior become much worse.',
    values: { beta: 0 },
  },
  {
    label: 'Heavy KL: β = 10',
    text: 'Each nat of KL counts ten times. The KL falls below 2 nats, codes of different classes overlap, and reconstructions blur.',
    values: { beta: 10 },
  },
  {
    label: 'Collapse: β = 40',
    text: 'Now a code costs more than it saves. The KL falls to almost 0, q(z|x) is the prior for every image, and every reconstruction is the same mean image.',
    values: { beta: 40 },
  },
  {
    label: 'KL warm-up',
    text: 'β rises from 0 over the first 1,000 steps: the KL climbs first, and falls as β pulls the codes together.',
    values: { warmupSteps: 1_000 },
  },
  {
    label: '8 latents',
    text: 'With more latents a code says more: a better ELBO and sharper strokes. The map becomes a projection.',
    values: { latents: 8 },
  },
  {
    label: '32 latents, free bits',
    text: 'Half a nat of KL costs nothing in each latent: the prior does not pull the KL below 16 nats.',
    values: { latents: 32, freeBits: 0.5 },
  },
  {
    label: 'Tiny model',
    text: 'Eight hidden units in place of 128, and the ELBO is only a little lower: what limits the model is the code of two numbers.',
    values: { hidden: [8] },
  },
  {
    label: 'Learned prior',
    text: 'The prior is a mixture of twenty Gaussians that training moves to where the codes are. Samples are drawn from this prior.',
    values: { prior: 'mixture', priorComponents: 20 },
  },
  {
    label: 'IWAE, 8 draws',
    text: 'Eight draws of z share one bound, the importance weighted one, which lies nearer to log p(x). The curves still show the ELBO, but training raises the other bound.',
    values: { objective: 'iwae', draws: 8 },
  },
  {
    label: 'No encoder',
    text: 'The decoder raises log p(x) itself, summed over 1,024 codes that cover the plane; no q takes part. Steps are slow, but each one brings much. An encoder learns beside it, only to place the digits on the map: the dashed curve is log p(x), the solid one the bound that this encoder gives.',
    values: { objective: 'exact', learningRate: 0.003 },
  },
  {
    label: 'Wasserstein',
    text: 'The codes of all images together are kept near the prior, not each code by itself. Single codes become narrow, the KL grows, and the map stays as wide as the prior.',
    values: { objective: 'wae' },
  },
  {
    label: 'Conditional',
    text: 'Encoder and decoder are told the class. So the codes need not say it. On the map the classes lie over each other; the codes keep only the style.',
    values: { [MODEL]: 'cvae' },
  },
  {
    label: '100 labels (M2)',
    text: 'A hundred images come with their class, the others without. The share of held-out digits that are read wrongly falls from nine in ten.',
    values: { [MODEL]: 'm2', labelled: 100, latents: 8 },
  },
  {
    label: 'Categories',
    text: 'The code is one of twenty, and log p(x) is an exact sum over all twenty: see it under your drawing. Each code becomes a kind of digit; nobody named them.',
    values: { [MODEL]: 'categorical-vae' },
  },
  {
    label: 'Denoising',
    text: 'Two pixels in five are replaced at random by paper or ink. The encoder sees the result, and the model must redraw the clean digit. The bound is lower than without noise. Take the model into the Repair lab and flip pixels there: the encoder’s plain answer is now nearer to the original.',
    values: { latents: 8, corruption: 0.4 },
  },
  {
    label: 'Linear: PCA',
    text: 'No hidden layers and Gaussian pixels: the best such model is principal component analysis, and the ELBO comes within a few nats of the fitted one’s (family PPCA). Reconstructions are sums of two fixed pictures and the mean.',
    values: { hidden: [], likelihood: 'gaussian-scalar', learningRate: 0.01 },
  },
  {
    label: 'Noise σ(z)',
    text: 'Gaussian pixels whose mean and deviation both come from the decoder. The edges of strokes, where digits of one code differ, get a large deviation; paper gets the smallest that is allowed. log p(x) is now the logarithm of a density. It can be above 0; do not compare it with that of black and white pixels.',
    values: { likelihood: 'gaussian-decoder', latents: 8 },
  },
  {
    label: 'SGD',
    text: 'Plain gradient descent in place of Adam, at ten times the learning rate. It learns more slowly. Run the defaults first, to compare the curves.',
    values: { optimiser: 'sgd', learningRate: 0.01 },
  },
  {
    label: 'Rate too high',
    text: 'Steps so large that the loss jumps about. If numbers become infinite, training goes back and halves the rate by itself.',
    values: { learningRate: 1, hidden: [128, 128] },
  },
];

/** Those whose parameters, and what is chosen of them, this engine has. */
export function experimentsFor(
  families: readonly ModelFamily[],
  trainSpecs: readonly ParameterSpec[],
): Experiment[] {
  return EXPERIMENTS.filter(({ values }) => {
    const specs = specsOf(values, families, trainSpecs);
    return (
      specs !== undefined &&
      Object.entries(values).every(([name, value]) => {
        const spec = specs.find((one) => one.name === name);
        return name === MODEL || (spec && (typeof value !== 'string' || spec.options?.includes(value)));
      })
    );
  });
}

/** What an experiment sets, in the words of the controls. */
export function settingsOf(
  { values }: Experiment,
  families: readonly ModelFamily[],
  trainSpecs: readonly ParameterSpec[],
): string[] {
  const specs = specsOf(values, families, trainSpecs);
  return Object.entries(values).map(([name, value]) => {
    if (name === MODEL) return families.find(({ id }) => id === value)?.label ?? String(value);
    const spec = specs?.find((one) => one.name === name);
    const shown = typeof value === 'string' ? choiceLabel(spec, value) : chosen(value);
    return `${spec?.label ?? name}: ${shown || 'none'}`;
  });
}

function specsOf(
  values: TrainOptions,
  families: readonly ModelFamily[],
  trainSpecs: readonly ParameterSpec[],
): ParameterSpec[] | undefined {
  const family = values[MODEL] === undefined ? families[0] : families.find(({ id }) => id === values[MODEL]);
  return family && [...family.parameters, ...trainSpecs];
}
