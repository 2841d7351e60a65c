import type { Chapter } from '../chapter';

const chapter: Chapter = {
  number: 22,
  title: 'Mend a picture',
  model: 'mnist-2d',
  lead: 'A model of pictures can fill in what is missing. Hide a part. The [posterior] of the code, given only the known pixels, says which digits still fit. Each of its hills is a completion.',
  text: [
    'Nothing new is trained for this. Pixels that are not known are left out of $p(x|z)$; all else is Bayes’ rule, as in chapter 5. The mean of all completions is a good guess for each pixel, and often no digit at all.',
  ],
  task: 'Hide different halves. When is there more than one answer?',
  touch: 'button',
  figure: () => import('../figures/Mend.svelte'),
  question: {
    ask: 'Only one row in the middle is known. How many hills of the posterior have a probability of 1 % or more?',
    guess: { kind: 'amount', from: 1, to: 16, unit: 'hills' },
    answer: 'count',
    reveal: 'The first of them has {first:0} %. Press “hide all but one row” to see them.',
  },
  more: { lab: 'repair', words: 'Noise, blur and single pixels, in the Repair lab' },
};

export default chapter;
