import type { Chapter } from '../chapter';

const chapter: Chapter = {
  number: 12,
  title: 'The bound',
  model: 'mnist-2d',
  lead: '$log p(x)$ is one fixed number. Any guess _q_ splits it into two parts: the [ELBO] (evidence lower bound), and the [KL] from _q_ to the [posterior].',
  text: [
    'A KL is never below 0, so the ELBO is never above $log p(x)$. Training makes it higher: _q_ comes nearer to the posterior, and digits get more probable.',
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
        says: 'The KL to the posterior: how far q is from it. 0 only if they are the same.',
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
        says: 'The KL to the prior: how far q is from it. This is what the code costs.',
        fact: 'rate',
      },
    ],
  ],
  why: {
    ask: 'What are these terms, and why do they add up?',
    steps: [
      '$E_q$ is the mean over codes drawn from _q_. The red KL is from _q_ to the *posterior*, which is mostly unknown. The ochre KL is from _q_ to the *prior*, and is easy to compute.',
      'For every code, $p(x, z) = p(x) p(z|x)$. So $log p(x) = log p(x, z) − log p(z|x)$.',
      'Add $log q(z)$ and take it away again: $log p(x) = log \\frac{p(x, z)}{q(z)} + log \\frac{q(z)}{p(z|x)}$.',
      'Take the mean over draws from _q_. The left side has no _z_, so it stays. At the right the first mean is the ELBO, and the second is $KL(q ‖ p(z|x))$.',
      'Now put $p(x, z) = p(x|z) p(z)$ into the ELBO: $E_q[log p(x|z)] − E_q[log \\frac{q(z)}{p(z)}]$. The last mean is $KL(q ‖ p(z))$.',
      'Training adjusts the weights of both networks so that the ELBO gets higher. The encoder’s _q_ comes nearer to the posterior, and the decoder makes digits more probable.',
    ],
  },
  task: 'Drag the blue _q_, and change its width. The red line stays where it is.',
  touch: 'map',
  figure: () => import('../figures/Bound.svelte'),
  question: {
    ask: 'Take the best Gaussian there is for your drawing. How much KL is left?',
    guess: { kind: 'amount', from: 0.001, to: 10, logarithmic: true, unit: 'nats' },
    answer: 'left',
    reveal:
      'Press “The best q”. This posterior is not exactly a Gaussian, so a little is left. The ELBO is then {bestElbo:nats}.',
  },
  more: {
    lab: 'posterior',
    settings: { part: 'ladder' },
    words: 'Climb there step by step in the Posterior lab',
  },
};

export default chapter;
