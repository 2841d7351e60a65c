import type { Chapter } from '../chapter';

const chapter: Chapter = {
  number: 11,
  title: 'How good is a guess?',
  model: 'mnist-2d',
  lead: 'Walking takes hundreds of steps for each picture. A [VAE] learns a second network, the [encoder], that answers at once with a bell curve _q_. How far is a _q_ from the posterior _p_? The [KL] says it with one number.',
  text: [
    'It is the mean of $log \\frac{q}{p}$ over draws from _q_: $KL(q ‖ p) = \\int q log \\frac{q}{p} d z$. It is 0 only if both are the same. It is not symmetric. $KL(q ‖ p)$ is large if _q_ goes where _p_ does not. $KL(p ‖ q)$ is large if _q_ leaves out a place where _p_ is.',
    'A VAE uses the first, since it can draw from _q_ and not from _p_. In the figure you move _q_ yourself. By the posterior, the code is in the dark red regions with probability 39 %, in the pale ones with 86 %. For _q_ these are the two blue ellipses. So that several digits fit, the figure takes only row 15 of your drawing as known.',
  ],
  why: {
    ask: 'What is the KL of two coins?',
    steps: [
      'Coin _q_ is fair: heads 0.5, tails 0.5. Coin _p_ is not: heads 0.9, tails 0.1. Add up over both sides: $KL(q ‖ p) = \\sum q log \\frac{q}{p}$.',
      'That is $0.5 log \\frac{0.5}{0.9} + 0.5 log \\frac{0.5}{0.1} = −0.29 + 0.80 = 0.51$ nats.',
      'The other way round it is $0.9 log \\frac{0.9}{0.5} + 0.1 log \\frac{0.1}{0.5} = 0.53 − 0.16 = 0.37$ nats. So the order matters.',
    ],
  },
  task: 'Drag the blue Gaussian onto a red hill, and make it wide. Watch the two numbers disagree.',
  touch: 'map',
  figure: () => import('../figures/Directions.svelte'),
  question: {
    ask: 'The posterior here has several hills. Make each KL as small as it can be: which one gives the *wider* Gaussian?',
    guess: {
      kind: 'choice',
      options: [
        { id: 'reverse', name: 'KL(q ‖ p)' },
        { id: 'forward', name: 'KL(p ‖ q)' },
      ],
    },
    answer: 'wider',
    reveal:
      'The outer ellipse of _q_ has the area {forward:3} for KL(p ‖ q), and {reverse:3} for KL(q ‖ p). Press both “Make it least”. For KL(p ‖ q), _q_ gets the mean and the widths of the whole posterior, all hills together. For KL(q ‖ p) it keeps to where _p_ is high.',
  },
  more: {
    lab: 'posterior',
    settings: { part: 'own' },
    words: 'See where each KL comes from, in the Posterior lab',
  },
};

export default chapter;
