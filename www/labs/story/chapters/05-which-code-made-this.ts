import type { Chapter } from '../chapter';

const chapter: Chapter = {
  number: 5,
  title: 'Which code made this?',
  model: 'mnist-2d',
  lead: 'Turn the question round: which [code] made this picture? The answer is a distribution over codes, the [posterior].',
  text: [
    'Bayes’ rule: $p(z|x) = \\frac{p(z) p(x|z)}{p(x)}$. Read the bar as “given”: $p(x|z)$ is the probability of the picture, given the code. The [evidence] $p(x)$ adds up $p(z) p(x|z)$ over all codes. Below are the logarithms, for the code that explains the known pixels best.',
  ],
  formulas: [
    [
      {
        math: 'log p(z|x)',
        role: 'truth',
        says: 'The posterior at the best code for what is known, for each unit of area: it may be above 0.',
        fact: 'posterior',
      },
      '=',
      {
        math: 'log p(z)',
        role: 'z',
        says: 'The prior: how probable this code was before anything was seen, for each unit of area.',
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
  why: {
    ask: 'Why may a logarithm here be above 0?',
    steps: [
      'Under the terms stand natural logarithms, in [nats](nat): the logarithm of a product is a sum.',
      'Codes fill an area, so $p(z)$ and $p(z|x)$ are a [density]: probability for each unit of area. Pixels are only ink or paper, so $p(x|z)$ and $p(x)$ are plain probabilities, and their logarithms are never above 0.',
      'Say that a probability of 0.9 lies on an area of 0.01. Then the density is about $0.9 / 0.01 = 90$, and $log 90 = 4.5$.',
    ],
  },
  task: 'Uncover your drawing row by row.',
  touch: 'slider',
  figure: () => import('../figures/Bayes.svelte'),
  question: {
    ask: 'How many times as large is the pale red region with 7 rows known as with all 28?',
    guess: { kind: 'amount', from: 1, to: 10_000, logarithmic: true, unit: 'times' },
    answer: 'times',
    reveal:
      'It shrinks from {part:4} to {whole:4} squared units. The first is on the map now. Slide to 28 rows for the second, and to 0: with nothing known, the posterior is the prior.',
  },
  more: {
    lab: 'repair',
    settings: { part: 'draw' },
    words: 'Draw while the model completes, in the Repair lab',
  },
};

export default chapter;
