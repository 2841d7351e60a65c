import type { Chapter } from '../chapter';

const chapter: Chapter = {
  number: 20,
  title: 'Throw the encoder away',
  model: 'mnist-2d',
  lead: 'The encoder is only a helper: the model is the prior and the decoder. With two latents one can take the average of $p(x|z)$ over a thousand codes that cover the prior, and raise $log p(x)$ itself. No _q_, no bound, no gap.',
  text: [
    'Why does nobody train so? Because the codes must cover the whole space. With 2 latents a thousand codes are enough; with 32, as close together, one would need about $10^48$. An encoder points at the few codes that matter.',
  ],
  task: 'Guess, and both learn from the same digits for eight seconds each.',
  touch: 'button',
  figure: () => import('../figures/NoEncoder.svelte'),
  question: {
    ask: 'After eight seconds each, which model finds new digits more probable?',
    guess: {
      kind: 'choice',
      options: [
        { id: 'elbo', name: 'the one with an encoder' },
        { id: 'exact', name: 'the one without' },
      ],
    },
    answer: 'better',
    reveal:
      'With an encoder {elbo:nats} after {elboSteps} steps, without {exact:nats} after {exactSteps}. Each exact step decodes a thousand codes, so there are fewer of them.',
  },
  more: { lab: 'train', words: 'Train longer without an encoder, in the Train lab' },
};

export default chapter;
