import type { Chapter } from '../chapter';

const chapter: Chapter = {
  number: 5,
  title: 'Which code made this?',
  model: 'mnist-2d',
  lead: 'Turn the question round: here is a picture; which [code] made it? Some codes explain it well, most do not. The answer is a distribution, the [posterior].',
  text: [
    'It is made of two things: how probable the code was before, and how well it explains the pixels. Multiply the two, and add up the products over all codes: that is the [evidence].',
  ],
  formulas: [
    [
      {
        math: 'log p(z|x)',
        role: 'truth',
        says: 'The posterior at the best code for what is known, as a logarithm.',
        fact: 'posterior',
      },
      '=',
      {
        math: 'log p(z)',
        role: 'z',
        says: 'The prior: how probable this code was before anything was seen.',
        fact: 'prior',
      },
      '+',
      {
        math: 'log p(x|z)',
        role: 'decoder',
        says: 'The likelihood: how probable the known pixels are from this code.',
        fact: 'likelihood',
      },
      '−',
      {
        math: 'log p(x)',
        role: 'truth',
        says: 'The evidence: how probable the known pixels are, over all codes.',
        fact: 'evidence',
      },
    ],
  ],
  task: 'Uncover your drawing row by row. With nothing known, the posterior is the prior.',
  touch: 'slider',
  figure: () => import('../figures/Bayes.svelte'),
  question: {
    ask: 'Only the upper quarter is known, 7 rows of 28. How many times as large is the red region as with the whole drawing?',
    guess: { kind: 'amount', from: 1, to: 10_000, logarithmic: true, unit: 'times' },
    answer: 'times',
    reveal: 'It shrinks from {part:4} to {whole:4} squared units. Slide to 28 rows and watch it.',
  },
  more: {
    lab: 'repair',
    settings: { part: 'draw' },
    words: 'Draw while the model completes, in the Repair lab',
  },
};

export default chapter;
