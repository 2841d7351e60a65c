import type { Chapter } from '../chapter';

const chapter: Chapter = {
  number: 23,
  title: 'What does a latent mean?',
  model: 'mnist-beta',
  lead: 'Stroke digits are written from known factors: class, slant, thickness … A model saw only the pixels. Has one of its ten latents found one of the factors by itself?',
  text: [
    'One hopes for [disentanglement]: one latent, one cause. Nothing in the ELBO asks for it. This model was trained with a term that makes latents depend less on each other (total correlation). See how much that helps.',
  ],
  task: 'Turn one factor of the digit, and watch which of the ten numbers move.',
  touch: 'slider',
  figure: () => import('../figures/Meaning.svelte'),
  question: {
    ask: 'Which factor is told best by a single latent?',
    guess: {
      kind: 'choice',
      options: [
        { id: 'class', name: 'class' },
        { id: 'slant', name: 'slant' },
        { id: 'rotation', name: 'rotation' },
        { id: 'thickness', name: 'thickness' },
        { id: 'aspect', name: 'height to width' },
        { id: 'curvature', name: 'curvature' },
        { id: 'loopSize', name: 'loop' },
      ],
    },
    answer: 'factor',
    reveal:
      'Latent {latent:0} tells {percent:0} % of it. All factors together have a gap (MIG) of {gap:2} of 1: most factors are still mixed.',
  },
  more: {
    lab: 'compare',
    settings: { part: 'factors' },
    words: 'Two models side by side, in the Compare lab',
  },
};

export default chapter;
