import type { Chapter } from '../chapter';

const chapter: Chapter = {
  number: 16,
  title: 'The price of the prior',
  model: 'mnist-2d',
  lead: 'Put a weight [β](beta) on the KL: now each nat of KL counts as much as β nats of reconstruction cost. With β = 0 it is almost a plain autoencoder. With a large β, codes say less and less.',
  text: [
    'A latent may cost more KL than it saves. Then its _q_ becomes the prior for every picture, and the decoder stops using it. That is [posterior collapse]. It can happen at β = 1 too, when the decoder can do without the code.',
  ],
  task: 'Choose a β and train for six seconds. What does the plane of codes look like?',
  touch: 'slider',
  figure: () => import('../figures/Beta.svelte'),
  question: {
    ask: 'Train with β = 10. How many nats of KL are left in a code?',
    guess: { kind: 'amount', from: 0.01, to: 20, logarithmic: true, unit: 'nats' },
    answer: 'kl',
    reveal:
      'With β = 1 the same training leaves {usual:nats}. The pixels then cost {usualCost:nats}, and {cost:nats} with β = 10.',
  },
  more: { lab: 'train', words: 'KL warm-up, free bits and more, in the Train lab' },
};

export default chapter;
