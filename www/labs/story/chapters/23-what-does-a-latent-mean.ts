import type { Chapter } from '../chapter';

const chapter: Chapter = {
  number: 23,
  title: 'What does a latent mean?',
  model: 'mnist-beta',
  lead: 'Stroke digits are written from known factors: class, slant, thickness … A model saw only the pixels. Has one of its ten latents found one of the factors by itself?',
  text: [
    'One hopes for [disentanglement]: one latent, one cause. Nothing in the ELBO asks for it. So this model was trained with one more term, the *total correlation*. It is 0 if the ten latents tell nothing of each other, and training makes it small.',
    'How much does a latent tell of a factor? The *mutual information* says by how many nats it makes the factor easier to guess. Here it is a share: with 0 % the latent is no help, with 100 % the factor is known.',
  ],
  task: 'Move one factor of the digit, and watch which of the ten numbers change.',
  touch: 'slider',
  figure: () => import('../figures/Meaning.svelte'),
  question: {
    ask: 'For which factor does a single latent help most to guess it?',
    guess: {
      kind: 'choice',
      options: [
        { id: 'class', name: 'class' },
        { id: 'slant', name: 'slant' },
        { id: 'rotation', name: 'rotation' },
        { id: 'thickness', name: 'thickness' },
        { id: 'aspect', name: 'width to height' },
        { id: 'curvature', name: 'curvature' },
        { id: 'loopSize', name: 'size of the loop' },
      ],
    },
    answer: 'factor',
    reveal:
      'Latent {latent:0} tells {percent:0} % of it. If one latent stood for one factor, the best latent would be far ahead of the second best. The mutual information gap (MIG) is that lead, on average over the factors: here {gap:2}, and 1 at most. So most factors are still mixed.',
  },
  more: {
    lab: 'compare',
    settings: { part: 'factors' },
    words: 'Two models side by side, in the Compare lab',
  },
};

export default chapter;
