import type { Chapter } from '../chapter';

const chapter: Chapter = {
  number: 4,
  title: 'Drawing from the model',
  model: 'mnist-2d',
  lead: 'The model is a recipe for new digits. First it draws a [code] from the [prior], which says what codes are usual. Then the [decoder] turns the code into probabilities. At the end a coin is tossed for each pixel.',
  text: [
    'The prior here is the simplest there is: two independent bell curves of width 1, a *unit normal*. Nobody chose where the digits lie on the map. Training put them where this prior draws codes.',
  ],
  task: 'Draw one, then a hundred. Then change the width of the prior: what do codes far out look like?',
  touch: 'button',
  figure: () => import('../figures/Ancestral.svelte'),
  question: {
    ask: 'Draw 1,000 codes from the prior. How many lie within distance 1 of the middle?',
    guess: { kind: 'amount', from: 0, to: 1000, unit: 'codes' },
    answer: 'within',
    reveal:
      'On average it is {expected:0}: $1 − e^{−1/2}$ of them. In two dimensions there is more room away from the middle than near it.',
  },
  more: { lab: 'sample', words: 'Sixty at a time, in the Sample lab' },
};

export default chapter;
