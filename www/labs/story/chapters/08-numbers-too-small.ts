import type { Chapter } from '../chapter';

const chapter: Chapter = {
  number: 8,
  title: 'Numbers too small',
  model: 'mnist-2d',
  lead: 'Each pixel of your drawing has a probability under the reconstruction. The probability of all pixels together is the product of the 784. It gets small fast.',
  text: [
    'A computer’s 32-bit number cannot be smaller than 1.4·10⁻⁴⁵. One drawing may just fit; training multiplies the probabilities of thousands.',
    'So nobody multiplies. One adds *logarithms*: $log(a · b) = log a + log b$. The unit of such a sum is the [nat].',
  ],
  task: 'Slide, or press “Multiply”, and watch the product.',
  touch: 'slider',
  figure: () => import('../figures/Underflow.svelte'),
  question: {
    ask: 'Multiply your drawing’s pixels, and go on with a second copy, a third … At which pixel does the 32-bit product become exactly 0?',
    guess: { kind: 'amount', from: 50, to: 4704, logarithmic: true, unit: 'pixels' },
    answer: 'dies',
    reveal:
      'The logarithm of one whole drawing is only {total:nats}; sums of such numbers never run out. Slide on and see.',
  },
  more: { lab: 'likelihood', words: 'Multiply other pictures in the Likelihood lab' },
};

export default chapter;
