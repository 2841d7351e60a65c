import type { Chapter } from '../chapter';

const chapter: Chapter = {
  number: 13,
  title: 'Gradients through dice',
  model: 'mnist-2d',
  lead: 'Training needs the slope of the [ELBO]: which way should the encoder move the middle of _q_? But the ELBO is an average over random codes. How does one differentiate through dice?',
  text: [
    'Throw the dice first: $z = mean + sd · eps$. Then _z_ moves when the mean moves, and the slope of the decoder says how much that helps. This is [reparameterisation]. The older [score function] draws codes, looks only how good each one is, and moves _q_ towards the good ones.',
  ],
  task: 'Move the middle of _q_: the dice stay the same, and all draws move with it.',
  touch: 'slider',
  figure: () => import('../figures/Dice.svelte'),
  question: {
    ask: 'Both are right on average. How many times as far from that average is a single draw of the *score function*?',
    guess: { kind: 'amount', from: 1, to: 1000, logarithmic: true, unit: 'times' },
    answer: 'times',
    reveal:
      'It is off by {score:1}, the other by {path:1}. To be as good it would need {draws:0} draws where the other needs one. That is why one draw a picture is enough to train a VAE.',
  },
  more: { lab: 'posterior', settings: { part: 'gradients' }, words: 'More dice in the Posterior lab' },
};

export default chapter;
