import type { Chapter } from '../chapter';

const chapter: Chapter = {
  number: 17,
  title: 'How many latents?',
  model: 'mnist-32d',
  lead: 'Two numbers fit on a map. More numbers say more: here the same drawing is redrawn by a model with 2 latents and by one with 32.',
  text: [
    'The sum of both costs is minus the ELBO. Information theory calls the first [distortion] and the second [rate]: a longer message, a better picture. A model may also leave latents unused.',
  ],
  formulas: [
    [
      {
        math: '−ELBO',
        role: 'encoder',
        says: 'What your drawing costs the model with 32 latents, code and pixels together.',
        fact: 'manyLoss',
      },
      '=',
      {
        math: 'distortion',
        role: 'decoder',
        says: 'What its pixels cost once the code is known.',
        fact: 'manyCost',
      },
      '+',
      { math: 'rate', role: 'z', says: 'What its code costs: the KL to the prior.', fact: 'manyKl' },
    ],
  ],
  task: 'Draw something that two numbers cannot say: a 2 with a loop, a crossed 7.',
  touch: 'draw',
  figure: () => import('../figures/HowMany.svelte'),
  question: {
    ask: 'How many of the 32 latents does this model really use?',
    guess: { kind: 'amount', from: 0, to: 32, unit: 'latents' },
    answer: 'used',
    reveal:
      'With 2 latents your pixels cost {fewCost:nats} and the code {fewKl:nats}; with 32 it is {manyCost:nats} and {manyKl:nats}.',
  },
  more: {
    lab: 'compare',
    settings: { part: 'table' },
    words: 'Your drawing through every model, in the Compare lab',
  },
};

export default chapter;
