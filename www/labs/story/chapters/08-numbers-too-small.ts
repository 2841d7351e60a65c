import type { Chapter } from '../chapter';

const chapter: Chapter = {
  number: 8,
  title: 'Numbers too small',
  model: 'mnist-2d',
  lead: 'The model finds a code for your drawing. From this code the decoder gives each pixel a probability. That of all pixels together is the product of the 784. It gets small fast.',
  text: [
    'The smallest 32-bit number above 0 is $1.4 · 10^{−45}$. Its logarithm is −103.3 nats. One drawing may just fit; training multiplies the probabilities of thousands.',
    'So nobody multiplies. One adds *logarithms*: $log(a · b) = log a + log b$. The unit of such a sum is the [nat].',
  ],
  why: {
    ask: 'Why does the product stay just above 0 for a while?',
    steps: [
      'A product is rounded to the nearest 32-bit number. Near 0 these numbers are few: $0$, then the smallest _s_, then $2 s$, $3 s$ and so on.',
      'Take $0.9 · s$. The nearest number is again _s_. So the product stays at _s_, while the true one gets smaller and smaller.',
      'From there it becomes 0 at the first pixel whose probability is one half or less: $0.4 · s$ is nearer to $0$ than to _s_.',
    ],
  },
  task: 'Slide, or press “Multiply”, and watch the product.',
  touch: 'slider',
  figure: () => import('../figures/Underflow.svelte'),
  question: {
    ask: 'Multiply your drawing’s pixels, and go on with a second copy, a third … At which pixel does the 32-bit product become exactly 0?',
    guess: { kind: 'amount', from: 50, to: 4704, logarithmic: true, unit: 'pixels' },
    answer: 'dies',
    reveal:
      'The logarithm of one whole drawing is only {total:nats}. The sum of logarithms, the green line, goes on without end: slide on and see. (This is for one code. $log p(x)$, at the top of the page, is over all codes.)',
  },
  more: { lab: 'likelihood', words: 'Multiply other pictures in the Likelihood lab' },
};

export default chapter;
