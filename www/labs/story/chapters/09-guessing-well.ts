import type { Chapter } from '../chapter';

const chapter: Chapter = {
  number: 9,
  title: 'Guessing well',
  model: 'mnist-2d',
  lead: 'Do not wait for luck: draw codes from a guess _q_ of where they should be. Then weigh each draw by how much more often it *should* have come: $w = p(x, z) / q(z)$.',
  text: [
    'The mean of the weights is $p(x)$, for any _q_ that leaves no place out. This is [importance sampling]. The [effective samples] say how good it is: with equal weights all draws count, with one giant weight only one does.',
  ],
  task: 'Make _q_ wider and narrower. Watch the dots: a large dot is a large weight.',
  touch: 'slider',
  figure: () => import('../figures/Importance.svelte'),
  question: {
    ask: 'Make _q_ eight times too wide, or eight times too narrow. Which estimate of $log p(x)$ is farther from the exact value, with the same 500 draws?',
    guess: {
      kind: 'choice',
      options: [
        { id: 'wide', name: 'too wide' },
        { id: 'narrow', name: 'too narrow' },
      ],
    },
    answer: 'worse',
    reveal:
      'Too narrow is off by {narrowOff:nats}, with {narrowSize:0} effective samples; too wide by {wideOff:nats}, with {wideSize:0}. A wide _q_ wastes draws. A narrow one leaves places out, and what is left out is not in the sum.',
  },
  more: {
    lab: 'likelihood',
    settings: { off: 0 },
    words: 'Importance sampling from the encoder, in the Likelihood lab',
  },
};

export default chapter;
