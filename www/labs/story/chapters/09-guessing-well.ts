import type { Chapter } from '../chapter';

const chapter: Chapter = {
  number: 9,
  title: 'Guessing well',
  model: 'mnist-2d',
  lead: 'Do not wait for luck: draw codes from a guess _q_ of where they should be, here a bell curve (a [Gaussian]). Then give each draw a weight, $w = p(x, z) / q(z)$: large where the model finds the code probable and _q_ seldom draws it.',
  text: [
    'Here _q_ comes from a network that guesses, the encoder of chapter 11. Read the comma as “and”: $p(x, z) = p(z) p(x|z)$. The mean of the weights is $p(x)$, for any _q_ that leaves no place out. This is [importance sampling]. The [effective samples] say how good it is: with equal weights all draws count, with one giant weight only one does.',
  ],
  why: {
    ask: 'Why is the mean of the weights p(x)?',
    steps: [
      'The draws come with density $q(z)$. So the mean of many weights comes near to the integral $\\int q(z) \\frac{p(x, z)}{q(z)} d z$.',
      'Here $q(z)$ cancels, and the [evidence] is left: $\\int p(x, z) d z = \\int p(z) p(x|z) d z = p(x)$.',
      'It cancels only where $q(z)$ is not 0. That is why _q_ must leave no place out.',
    ],
  },
  task: 'Make _q_ wider and narrower. Watch the dots: a large dot is a large weight.',
  touch: 'slider',
  figure: () => import('../figures/Importance.svelte'),
  question: {
    ask: 'Make _q_ eight times as wide, or eight times as narrow. Which estimate of $log p(x)$ is farther from the exact value, with the same 500 draws?',
    guess: {
      kind: 'choice',
      options: [
        { id: 'wide', name: 'too wide' },
        { id: 'narrow', name: 'too narrow' },
      ],
    },
    answer: 'worse',
    reveal:
      'Too narrow is off by {narrowOff:nats}, with {narrowSize:0} effective samples; too wide by {wideOff:nats}, with {wideSize:0}. Both are shown. A wide _q_ wastes draws. A narrow one hardly ever comes to some places, and where no draw comes, nothing is added to the sum.',
  },
  more: {
    lab: 'likelihood',
    settings: { off: 0 },
    words: 'Importance sampling from the encoder, in the Likelihood lab',
  },
};

export default chapter;
