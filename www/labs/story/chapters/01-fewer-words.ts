import type { Chapter } from '../chapter';

const chapter: Chapter = {
  number: 1,
  title: 'A picture in fewer words',
  model: 'mnist-2d',
  lead: 'Your drawing is a list of 784 pixels. But you did not think of 784 pixels. You thought “a six, a bit slanted”, and moved a pen.',
  text: [
    'A few causes lie behind every picture: which digit, how slanted, how thick. Whoever knows the causes can draw the picture again, nearly. This page is about a model that finds such causes by itself: a [variational autoencoder](VAE), or VAE. It writes them as a few numbers, a [code].',
  ],
  task: 'Draw a digit. Then move “slant”: one number moves many pixels at once.',
  touch: 'draw',
  figure: () => import('../figures/Sizes.svelte'),
  question: {
    ask: 'This model keeps *two* numbers of your drawing and throws 782 away. How many of the 784 pixels come back wrong? (Each comes back as a grey; from half black on it counts as ink.)',
    guess: { kind: 'amount', from: 0, to: 200, unit: 'pixels' },
    answer: 'wrong',
    reveal:
      'That is {share:1} % of all pixels. Of a plain digit, two numbers can say a lot. Of a strange drawing they can say only a little.',
  },
};

export default chapter;
