import type { Chapter } from '../chapter';

const chapter: Chapter = {
  number: 22,
  title: 'Mend a picture',
  model: 'mnist-2d',
  lead: 'A model of pictures can fill in what is missing. Hide a part. The [posterior] of the code, given only the known pixels, says which digits still fit. Each of its hills is a completion.',
  text: [
    'Nothing new is trained for this. Pixels that are not known are left out of $p(x|z)$; all else is as in chapter 5. The mean of all completions is a good guess for each pixel. It is often no digit at all, because it lays several digits over each other.',
  ],
  task: 'Hide different halves. When do several digits fit?',
  touch: 'button',
  figure: () => import('../figures/Mend.svelte'),
  question: {
    ask: 'Only one row in the middle is known. How many hills of the posterior have a probability of 1 % or more?',
    guess: { kind: 'amount', from: 1, to: 16, unit: 'hills' },
    answer: 'count',
    reveal:
      'The most probable of them has {first:0} %. Now the figure shows this case: each hill is ringed on the map, and has its completion.',
  },
  more: { lab: 'repair', words: 'Noise, blur and single pixels, in the Repair lab' },
};

export default chapter;
