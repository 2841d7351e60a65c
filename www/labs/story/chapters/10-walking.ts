import type { Chapter } from '../chapter';

const chapter: Chapter = {
  number: 10,
  title: 'Walking',
  model: 'mnist-2d',
  lead: 'There is another way to get codes from the [posterior]: walk. Propose a step from _z_ to a code near it. If that is more probable, take the step. If it is one third as probable, take it one time in three; else stay.',
  text: [
    'Only the ratio of two posteriors is needed: $p(x, z_{new}) / p(x, z)$. In it $p(x)$ cancels, which is unknown in most models.',
    'In the long run such a [Markov chain] visits each place as often as the posterior says. But each place is near the one before. So a hundred short steps say less about the posterior than a hundred independent draws.',
  ],
  task: 'Let it walk, then change the kind of step. [Hamiltonian steps] use the slope of the probability, its gradient, and go far.',
  touch: 'button',
  figure: () => import('../figures/Walking.svelte'),
  question: {
    ask: 'The mean of a code’s numbers over such steps is less exact than over independent draws. How many [Metropolis] steps give a mean as exact as *ten* independent draws?',
    guess: { kind: 'amount', from: 10, to: 3000, logarithmic: true, unit: 'steps' },
    answer: 'steps',
    reveal:
      'Counted on four chains of 500 steps. With Hamiltonian steps it is {hmc:0}. They jump far, often to the other side, so their errors partly cancel: they can even be better than independent draws. But for each of them the slope is computed several times.',
  },
  more: {
    lab: 'posterior',
    settings: { part: 'walkers' },
    words: 'Four chains, and their troubles, in the Posterior lab',
  },
};

export default chapter;
