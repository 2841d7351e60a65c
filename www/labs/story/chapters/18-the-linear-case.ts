import type { Chapter } from '../chapter';

const chapter: Chapter = {
  number: 18,
  title: 'The linear case',
  model: 'mnist-2d',
  lead: 'Take the simplest decoder: each latent adds one fixed picture, more or less of it. That is [PPCA]. Its best weights, its posterior and $log p(x)$ are all known in closed form. It is a VAE that needs no training in steps.',
  text: [
    'But it cannot move a stroke. A sum of pictures is only pictures laid over each other. A stroke that moves to the left is no such sum: the old place becomes empty.',
  ],
  task: 'Slide from your drawing to the other digit, and watch the ends of the strokes.',
  touch: 'slider',
  figure: () => import('../figures/Halfway.svelte'),
  question: {
    ask: 'Stop halfway between the two codes. In how many pixels does the picture of the *deep* decoder differ from the two digits laid over each other?',
    guess: { kind: 'amount', from: 0, to: 300, unit: 'pixels' },
    answer: 'deep',
    reveal: 'For the linear decoder it is {linear:0}. (A pixel counts if it is off by more than 0.1.)',
  },
  more: { lab: 'compare', settings: { part: 'linear' }, words: 'What each latent adds, in the Compare lab' },
};

export default chapter;
