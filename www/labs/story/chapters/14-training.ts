import type { Chapter } from '../chapter';

const chapter: Chapter = {
  number: 14,
  title: 'Training',
  model: 'mnist-2d',
  lead: 'Now raise the ELBO, step by step. Take some digits, draw a code for each, and look how well it is redrawn. Then change all weights of encoder and decoder a little, so that the ELBO rises. The [loss] is minus the ELBO.',
  text: [
    'The loss has two terms, and they want opposite things. The [reconstruction cost] wants codes that say much. The [KL](KL to the prior) wants codes that say nothing: the same _q_ for every digit, the prior. So a code says a thing only if that saves more reconstruction cost than it adds KL.',
  ],
  formulas: [
    [
      {
        math: 'loss',
        role: 'encoder',
        says: 'What training makes small: minus the ELBO, the mean over the newest digits of this run.',
        fact: 'loss',
        isAnswer: true,
      },
      '=',
      {
        math: '−E_q[log p(x|z)]',
        role: 'decoder',
        says: 'The reconstruction cost: what the pixels cost once the code is known.',
        fact: 'cost',
        isAnswer: true,
      },
    ],
    [
      '+',
      {
        math: 'KL(q ‖ p(z))',
        role: 'z',
        says: 'What the code costs: how far q is from the prior.',
        fact: 'kl',
        isAnswer: true,
      },
    ],
  ],
  task: 'Guess, and it starts. Then train again with another learning rate.',
  touch: 'button',
  figure: () => import('../figures/Training.svelte'),
  question: {
    ask: 'Eight seconds of training lower the loss. What happens to the *KL term* meanwhile?',
    guess: {
      kind: 'choice',
      options: [
        { id: 'falls', name: 'it falls as well' },
        { id: 'rises', name: 'it rises' },
      ],
    },
    answer: 'way',
    reveal:
      'The KL goes from {firstKl:nats} to {lastKl:nats}, the reconstruction cost from {firstCost:nats} to {lastCost:nats}. At first codes say nothing and cost nothing. Then they say more: the KL rises, and the pixels cost far less.',
  },
  more: { lab: 'train', words: 'All options, in the Train lab' },
};

export default chapter;
