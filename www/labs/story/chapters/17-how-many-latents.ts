import type { Chapter } from '../chapter';

const chapter: Chapter = {
  number: 17,
  title: 'How many latents?',
  model: 'mnist-32d',
  lead: 'Two numbers fit on a map. More numbers say more: here the same drawing is redrawn by a model with 2 latents and by one with 32.',
  text: [
    'Each picture has two costs: the [reconstruction cost] of its pixels, and the [KL](KL to the prior) of its code. Their sum is minus the ELBO. Information theory has other names for the two: *distortion* and *rate*. With more latents the code may cost more, and the pixels far less.',
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
        math: '−E_q[log p(x|z)]',
        role: 'decoder',
        says: 'The reconstruction cost, or distortion, with 32 latents: what the pixels cost once the code is known.',
        fact: 'manyCost',
      },
    ],
    [
      '+',
      {
        math: 'KL(q ‖ p(z))',
        role: 'z',
        says: 'The rate, with 32 latents: what the code costs.',
        fact: 'manyKl',
      },
    ],
  ],
  why: {
    ask: 'Why is the sum minus the ELBO? And when is a latent used?',
    steps: [
      'Chapter 12 says: $ELBO = E_q[log p(x|z)] − KL(q ‖ p(z))$. Change all signs, and both costs stand on the right.',
      'A latent that is not used has the same _q_ for every picture. So its mean does not change from digit to digit. The page takes many digits and computes the variance of each latent’s mean. Above 0.01 it counts as used.',
    ],
  },
  task: 'Draw something that two numbers cannot say: a 2 with a loop, a crossed 7.',
  touch: 'draw',
  figure: () => import('../figures/HowMany.svelte'),
  question: {
    ask: 'A model may leave latents unused: their means are the same for all digits. How many of the 32 does this model use?',
    guess: { kind: 'amount', from: 0, to: 32, unit: 'latents' },
    answer: 'used',
    reveal:
      'Over {digits} digits, the mean of each of these has a variance above {least:2}. With 2 latents your pixels cost {fewCost:nats} and the code {fewKl:nats}. With 32 latents they cost {manyCost:nats} and {manyKl:nats}.',
  },
  more: {
    lab: 'compare',
    settings: { part: 'table' },
    words: 'Your drawing through every model, in the Compare lab',
  },
};

export default chapter;
