import type { Chapter } from '../chapter';

const chapter: Chapter = {
  number: 24,
  title: 'Why is it blurry?',
  model: 'mnist-2d',
  lead: 'A redrawn digit looks out of focus. It is not a picture but 784 *probabilities*. A real picture of this model is a coin for each pixel, and it is not blurred at all: it is speckled.',
  text: [
    'The coins do not know of each other. Take the edge of a stroke: does it lie one pixel farther left? That is one question for the whole edge. But each of its pixels tosses a coin of its own. With more latents the code can say where the edge lies, and the coins decide less.',
  ],
  why: {
    ask: 'Where does 2p(1 − p) come from?',
    isAnswer: true,
    steps: [
      'Take one pixel, with probability _p_ of ink. In the first picture it has ink with probability _p_; in the second it has none with probability $1 − p$. Both together: $p (1 − p)$.',
      'Or it is the other way round, first none, then ink: $(1 − p) p$. So the pixel differs with probability $2 p (1 − p)$.',
      'The average number of pixels that differ is the sum of this over all pixels. A pixel that is sure, with _p_ near 0 or 1, adds almost nothing. A grey one, with _p_ = 1/2, adds 1/2.',
    ],
  },
  task: 'Toss the coins again, and look at the edges.',
  touch: 'button',
  figure: () => import('../figures/Blur.svelte'),
  question: {
    ask: 'Two pictures are drawn from the *same* code of your drawing. In how many of the 784 pixels do they differ, on average?',
    guess: { kind: 'amount', from: 0, to: 200, unit: 'pixels' },
    answer: 'expected',
    reveal:
      'The first two on screen differ in {first:0}. The code does not say exactly where the edges lie. So the decoder says grey there, and each picture decides by coins. The mean of all such pictures is the blurred one. (The number is the sum of $2 p (1 − p)$ over all pixels.)',
  },
  more: { lab: 'compare', settings: { part: 'blurry' }, words: 'What would sharpen it? See the Compare lab' },
};

export default chapter;
