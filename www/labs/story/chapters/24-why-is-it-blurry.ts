import type { Chapter } from '../chapter';

const chapter: Chapter = {
  number: 24,
  title: 'Why is it blurry?',
  model: 'mnist-2d',
  lead: 'A redrawn digit looks out of focus. It is not a picture but 784 *probabilities*. A real picture of this model is a coin for each pixel, and it is not blurred at all: it is speckled.',
  text: [
    'The coins of this model do not know of each other. Whether an edge is a pixel to the left is one question, but each pixel of the edge answers it alone. More latents answer such questions in the code, and leave less to the coins.',
  ],
  task: 'Draw eight others, and look at the edges.',
  touch: 'button',
  figure: () => import('../figures/Blur.svelte'),
  question: {
    ask: 'Two pictures are drawn from the *same* code of your drawing. In how many of the 784 pixels do they differ, on average?',
    guess: { kind: 'amount', from: 0, to: 200, unit: 'pixels' },
    answer: 'expected',
    reveal: 'It is $\\sum 2 p (1 − p)$ over all pixels; the first two on screen differ in {first:0}.',
  },
  more: { lab: 'compare', settings: { part: 'blurry' }, words: 'What would sharpen it? See the Compare lab' },
};

export default chapter;
