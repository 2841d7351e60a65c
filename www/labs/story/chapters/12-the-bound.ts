import type { Chapter } from '../chapter';

const chapter: Chapter = {
  number: 12,
  title: 'The bound',
  model: 'mnist-2d',
  lead: '$log p(x)$ is one fixed number. Any guess _q_ splits it into two parts: the [ELBO], and the distance from _q_ to the true [posterior].',
  text: [
    'A [KL] is never below 0, so the ELBO is never above $log p(x)$. For one model $log p(x)$ is fixed: the higher the ELBO, the nearer _q_ is to the posterior. So _q_ can be trained without knowing the posterior.',
  ],
  formulas: [
    [
      {
        math: 'log p(x)',
        role: 'truth',
        says: 'How probable the model finds your drawing, over all codes. It does not depend on q.',
        fact: 'evidence',
      },
      '=',
      {
        math: 'ELBO',
        role: 'encoder',
        says: 'The evidence lower bound of this q: what training raises.',
        fact: 'elbo',
      },
      '+',
      {
        math: 'KL(q ‖ p(z|x))',
        role: 'truth',
        says: 'How far q is from the exact posterior. 0 only if they are the same.',
        fact: 'gap',
      },
    ],
    [
      {
        math: 'ELBO',
        role: 'encoder',
        says: 'The same bound, as a difference of two other terms.',
        fact: 'elbo',
      },
      '=',
      {
        math: 'E_q[log p(x|z)]',
        role: 'decoder',
        says: 'How well codes drawn from q predict the pixels: minus the reconstruction cost.',
        fact: 'reconstruction',
      },
      '−',
      {
        math: 'KL(q ‖ p(z))',
        role: 'z',
        says: 'What the code costs: how far q is from the prior.',
        fact: 'rate',
      },
    ],
  ],
  task: 'Drag the blue _q_, and change its width. The red line stays where it is.',
  touch: 'map',
  figure: () => import('../figures/Bound.svelte'),
  question: {
    ask: 'Take the best Gaussian there is for your drawing. How much KL is left?',
    guess: { kind: 'amount', from: 0.001, to: 10, logarithmic: true, unit: 'nats' },
    answer: 'left',
    reveal:
      'Press “The best q”. A posterior is no Gaussian, so a little is always left; the ELBO is then {bestElbo:nats}.',
  },
  more: {
    lab: 'posterior',
    settings: { part: 'ladder' },
    words: 'Climb there step by step in the Posterior lab',
  },
};

export default chapter;
