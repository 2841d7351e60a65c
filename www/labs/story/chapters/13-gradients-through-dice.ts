import type { Chapter } from '../chapter';

const chapter: Chapter = {
  number: 13,
  title: 'Gradients through dice',
  model: 'mnist-2d',
  lead: 'Training needs the slope of the [ELBO], its *gradient*: which way should the middle of _q_ move? But the ELBO is a mean over random codes. How does one differentiate through dice?',
  text: [
    'Throw the dice first: $eps$ is drawn from a bell curve of width 1. Then $z = mean + sd · eps$, with the width sd of _q_ (its standard deviation): when the mean moves, _z_ moves with it. The slope of the decoder there says how much that helps. This is [reparameterisation].',
    'The older [score function] does not use that slope. It looks only how good each drawn code is, and moves _q_ towards the good ones.',
  ],
  why: {
    ask: 'What are the two formulas?',
    steps: [
      'The ELBO is the mean of $f(z) = log p(x, z) − log q(z)$ over draws from _q_. Write _m_ for the mean of _q_, and _s_ for its sd.',
      'Reparameterisation: $f(m + s · eps)$ is differentiated by _m_. By the chain rule each draw gives the slope of _f_ at _z_: $\\frac{d f}{d z}$.',
      'Score function: in $\\int f(z) q(z) d z$ only $q(z)$ is differentiated, and $\\frac{d q}{d m} = q(z) · \\frac{z − m}{s^2}$. So each draw gives $f(z) · \\frac{z − m}{s^2}$.',
      'Where _q_ is good, _f_ is nearly the same for all draws, but far from 0: −70 or so. So the second formula gives now a large positive number, now a large negative one.',
    ],
  },
  task: 'Move the middle of _q_: the dice stay the same, and all draws move with it.',
  touch: 'slider',
  figure: () => import('../figures/Dice.svelte'),
  question: {
    ask: 'Both are right on average, but single draws lie around it. How many times as far from it lie those of the *score function* as those of reparameterisation?',
    guess: { kind: 'amount', from: 1, to: 1000, logarithmic: true, unit: 'times' },
    answer: 'times',
    reveal:
      'This is at the encoder’s own middle, 0.0 sd. There it is off by {score:1} nats for each unit of _z_, the other by {path:1}. To be as good it needs {draws:0} draws where the other needs one. That is why one draw a picture is enough to train a VAE.',
  },
  more: { lab: 'posterior', settings: { part: 'gradients' }, words: 'More dice in the Posterior lab' },
};

export default chapter;
