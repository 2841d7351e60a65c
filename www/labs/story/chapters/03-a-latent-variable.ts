import type { Chapter } from '../chapter';

const chapter: Chapter = {
  number: 3,
  title: 'A latent variable',
  model: 'mnist-2d',
  lead: 'Here is the whole idea: a few numbers _z_, and a [network] that turns them into a picture. The numbers are called [latent variables](latent variable), since nobody has seen them. The network is the [decoder].',
  text: [
    'A network is a formula with many numbers that can be adjusted, its *weights*. This one has about 100,000. At first they are random. Nothing says yet which code should mean which digit, nor that there are digits at all. In training each digit gets a code, and the decoder draws it from this code. After each few digits the weights are adjusted a little, so that the drawings come out better.',
  ],
  task: 'After your guess: point at places of the plane. Then train for ten seconds, and point again.',
  touch: 'map',
  figure: () => import('../figures/Untrained.svelte'),
  question: {
    ask: 'What does the decoder draw before it has learnt anything?',
    guess: {
      kind: 'choice',
      options: [
        { id: 'blank', name: 'blank paper' },
        { id: 'fog', name: 'grey fog' },
        { id: 'digit', name: 'something like a digit' },
      ],
    },
    answer: 'draws',
    reveal:
      'The mean probability of ink is {ink:0} %, and pixels differ from it by only {spread:1} %. Every code gives nearly the same picture.',
  },
  more: { lab: 'train', words: 'Train a larger one, in the Train lab' },
};

export default chapter;
