import type { Chapter } from '../chapter';

const chapter: Chapter = {
  number: 10,
  title: 'Walking',
  model: 'mnist-2d',
  lead: 'There is another way to get codes from the [posterior]: walk. Propose a step. If it leads to a more probable code, take it; if not, take it only now and then. Nothing but ratios is needed, so the unknown $p(x)$ cancels.',
  text: [
    'In the long run such a [Markov chain] visits each place as often as the posterior says. But each place is near the one before, so the steps are not independent.',
  ],
  task: 'Let it walk, then change the kind of step. Hamiltonian steps use the slope, and go far.',
  touch: 'button',
  figure: () => import('../figures/Walking.svelte'),
  question: {
    ask: 'How many [Metropolis] steps are worth as much as *ten* independent draws from this posterior?',
    guess: { kind: 'amount', from: 10, to: 3000, logarithmic: true, unit: 'steps' },
    answer: 'steps',
    reveal:
      'Counted on four chains of 500 steps. With Hamiltonian steps it is {hmc:0}; but each of those costs several gradients.',
  },
  more: {
    lab: 'posterior',
    settings: { part: 'walkers' },
    words: 'Four chains, and their troubles, in the Posterior lab',
  },
};

export default chapter;
