import type { Chapter } from '../chapter';

const chapter: Chapter = {
  number: 4,
  title: 'Drawing from the model',
  model: 'mnist-2d',
  lead: 'The model is a recipe for new digits. First it draws a [code] from the [prior], which says what codes are usual. Then the [decoder] turns the code into probabilities. At the end a coin is tossed for each pixel, one that falls on “ink” with this probability.',
  text: [
    'The prior here is the simplest there is: a bell curve of width 1 for each of the two numbers, a [unit normal](Gaussian). Nobody chose where the digits lie on the map. In training they came to lie where this prior draws most of its codes: near the middle.',
  ],
  why: {
    ask: 'Where do the 393 come from?',
    isAnswer: true,
    steps: [
      'The [density] of two bell curves at distance _r_ from the middle is $\\frac 1{2 π} e^{−r^2/2}$: so much probability for each unit of area.',
      'A thin ring at distance _r_, as wide as $d r$, has the area $2 π r · d r$. So a code falls into it with probability $r e^{−r^2/2} d r$.',
      'Add up the rings from 0 to 1: $\\int_0^1 r e^{−r^2/2} d r = 1 − e^{−1/2} ≈ 0.393$.',
    ],
  },
  task: 'Draw one, then a hundred. Then change the width of the prior: what do pictures from codes far out look like?',
  touch: 'button',
  figure: () => import('../figures/Ancestral.svelte'),
  question: {
    ask: 'Draw 1,000 codes from the prior, at width 1. How many lie within distance 1 of the middle?',
    guess: { kind: 'amount', from: 0, to: 1000, unit: 'codes' },
    answer: 'within',
    reveal:
      'Those 1,000 are on the map now. On average it is {expected:0}: $1 − e^{−1/2}$ of them. In two dimensions there is more room away from the middle than near it.',
  },
  more: { lab: 'sample', words: 'Sixty at a time, in the Sample lab' },
};

export default chapter;
