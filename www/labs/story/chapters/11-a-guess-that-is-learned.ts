import type { Chapter } from '../chapter';

const chapter: Chapter = {
  number: 11,
  title: 'A guess that is learned',
  model: 'mnist-2d',
  lead: 'Walking takes a thousand steps for each picture. A VAE learns a network, the [encoder], that answers at once with a Gaussian _q_. How good is a _q_? One needs a distance between distributions: the [KL].',
  text: [
    'It is not symmetric. $KL(q ‖ p)$ asks whether _q_ goes where it should not; $KL(p ‖ q)$ asks whether it leaves something out. A VAE uses the first, since it can draw from _q_ and not from _p_.',
  ],
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
      'Its area is {forward:3} for KL(p ‖ q) and {reverse:3} for KL(q ‖ p). Press “Make it least”: one covers everything, the other keeps to one hill.',
  },
  more: {
    lab: 'posterior',
    settings: { part: 'own' },
    words: 'See where each KL comes from, in the Posterior lab',
  },
};

export default chapter;
