/** The gradient that training follows, against the loss itself. */

import { signed } from '../../components/format';
import type { Slope } from '../../engine/protocol';
import type { Check, Finding } from './check';

const KEY = 'gradients';
const SPEC = { model: 'vae', latents: 2, hidden: [64, 32], activation: 'tanh' };
const IMAGES = 64;
/** So that the weights are no longer the first, random ones. */
const STEPS_BEFORE = 30;
/** The larger part of it is the rounding of a loss near 200 nats in 32 bits. */
export const TOLERANCE = 0.01;

const OBJECTIVES = [
  { name: 'the ELBO', options: { objective: 'elbo' } },
  { name: 'the IWAE bound with 5 draws', options: { objective: 'iwae', draws: 5 } },
];

/** The difference of both slopes as a share of the larger one. */
export function relativeError({ byGradient, byDifferences }: Slope): number {
  const larger = Math.max(Math.abs(byGradient), Math.abs(byDifferences));
  return larger === 0 ? 0 : Math.abs(byGradient - byDifferences) / larger;
}

export function judge(found: readonly { name: string; slopes: readonly Slope[] }[]): Finding {
  const figures = found.map(({ name, slopes }) => {
    const worst = slopes.toSorted((a, b) => relativeError(b) - relativeError(a))[0];
    if (!worst) return { name, value: 'no slopes' };
    const [gradient, differences] = [worst.byGradient, worst.byDifferences].map((slope) => signed(slope, 4));
    return {
      name: `Largest error, ${name}`,
      value: `${signed(100 * relativeError(worst), 3)} % (${String(slopes.length)} groups of weights; the worst, ${worst.weights}: ${gradient ?? ''} by the gradient, ${differences ?? ''} by differences)`,
    };
  });
  const passed = found.every(
    ({ slopes }) => slopes.length > 0 && slopes.every((slope) => relativeError(slope) <= TOLERANCE),
  );
  return { passed, figures };
}

export const gradients: Check = {
  id: 'gradients',
  title: 'The gradients are the slopes of the loss',
  compares:
    'Training follows a gradient, which is computed backwards through the network. Here it is compared with the loss itself. A group of weights is moved a little forwards and a little backwards. The loss is computed at both places, for the same images and the same random draws.',
  tolerance: 'at most 1 % apart, for every group of weights',
  async run({ ask, progress }) {
    await ask('strokesDataset', KEY, IMAGES, 1);
    await ask('createModel', KEY, SPEC, 1);
    const found = [];
    for (const { name, options } of OBJECTIVES) {
      await ask('createTrainer', KEY, KEY, KEY, {
        ...options,
        batchSize: 32,
        binarization: 'static',
        seed: 1,
      });
      let steps = 0;
      while (steps < STEPS_BEFORE) steps += (await ask('train', KEY, 50, STEPS_BEFORE - steps)).length;
      found.push({ name, slopes: await ask('slopes', KEY) });
      progress(found.length / OBJECTIVES.length);
    }
    await ask('releaseTrainer', KEY);
    await ask('releaseModel', KEY);
    await ask('releaseDataset', KEY);
    return judge(found);
  },
};
