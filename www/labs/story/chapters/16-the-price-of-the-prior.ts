import type { Chapter } from '../chapter';

const chapter: Chapter = {
  number: 16,
  title: 'The price of the prior',
  model: 'mnist-2d',
  lead: 'Put a weight [β](beta) on the KL: now each nat of KL counts as much as β nats of reconstruction cost. With β = 0 it is almost a plain autoencoder. With a large β, codes say less and less.',
  text: [
    'The loss falls only if a latent saves more than β nats of reconstruction cost for each nat of its KL. If it saves less, training makes its _q_ the same for every picture: the prior. The latent then says nothing, and the decoder does not use it. That is [posterior collapse].',
    'It happens one latent after the other, as β grows. It can happen at β = 1 too, when the decoder can do without the code.',
  ],
  task: 'Choose a β and train for six seconds. In which directions do the pictures change? Compare 4, 10 and 40.',
  touch: 'slider',
  figure: () => import('../figures/Beta.svelte'),
  question: {
    ask: 'With β = 1 both latents say something. Train with *β = 20*. How many of the two still do?',
    guess: {
      kind: 'choice',
      options: [
        { id: '2', name: 'both' },
        { id: '1', name: 'one' },
        { id: '0', name: 'none of them' },
      ],
    },
    answer: 'left',
    reveal:
      'The two latents have a KL of {first:2} and {second:2} {unit}. With β = 1 they have {usualFirst:2} and {usualSecond:2}. The pixels cost {usualCost:nats} with β = 1, and {cost:nats} with β = 20: what the codes no longer say, the pixels pay.',
  },
  more: { lab: 'train', words: 'KL warm-up, free bits and more, in the Train lab' },
};

export default chapter;
