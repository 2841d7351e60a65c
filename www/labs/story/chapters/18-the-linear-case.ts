import type { Chapter } from '../chapter';

const chapter: Chapter = {
  number: 18,
  title: 'The linear case',
  model: 'mnist-2d',
  lead: 'Take the simplest decoder: each latent adds one fixed picture, more or less of it. That is [PPCA], probabilistic principal component analysis. It needs no training in steps: formulas give its best weights, its posterior and $log p(x)$ at once.',
  text: [
    'But it cannot move a stroke. It can only make one picture paler and another darker, laid over each other. Halfway, a linear decoder shows two pale strokes in two places. A deep one can draw a single stroke between them.',
    'Here both decoders have 32 latents.',
  ],
  task: 'Slide from your drawing to the other digit, and watch the strokes: do they move, or do they fade?',
  touch: 'slider',
  figure: () => import('../figures/Halfway.svelte'),
  question: {
    ask: 'Go halfway between the two codes. In how many pixels does the picture of the *deep* decoder differ from its two digits laid over each other? A pixel counts if it differs by more than 0.1.',
    guess: { kind: 'amount', from: 0, to: 300, unit: 'pixels' },
    answer: 'deep',
    reveal:
      'For the linear decoder, beside *its* two digits, it is {linear:0}. It would be exactly 0, but ink below 0 or above 1 cannot be shown and is cut off.',
  },
  more: { lab: 'compare', settings: { part: 'linear' }, words: 'What each latent adds, in the Compare lab' },
};

export default chapter;
