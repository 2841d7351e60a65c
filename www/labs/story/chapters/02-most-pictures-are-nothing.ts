import type { Chapter } from '../chapter';

const chapter: Chapter = {
  number: 2,
  title: 'Most pictures are nothing',
  model: 'mnist-2d',
  lead: 'Toss a coin for every pixel: heads is ink, tails is paper. Any picture can come out in this way, your drawing too. See how long that takes.',
  text: [
    'There are $2^784$ pictures of this size. Nearly all are noise. Digits are a tiny part of them, and a model of digits must find this part. The figure shows its *map* too: a plane of codes, two numbers each. At every place you see the picture that the model draws for this code. Nearly all look like digits.',
  ],
  why: {
    ask: 'Why so many zeros?',
    isAnswer: true,
    steps: [
      'Each pixel is right with probability $1/2$. So one given picture of 784 pixels comes out with probability $1 / 2^784$.',
      'You allow 78 wrong pixels. There are $C(784, k)$ ways to choose which _k_ of them are wrong. In all, $\\sum_{k=0}^78 C(784, k) ≈ 10^109$ pictures are near enough.',
      'So one picture in $2^784 / 10^109 ≈ 10^236 / 10^109 = 10^127$ is near enough. On average you must toss so many.',
    ],
  },
  task: 'Press “Again” as often as you like. Then point at the map: how often is it a digit there?',
  touch: 'button',
  figure: () => import('../figures/Coins.svelte'),
  question: {
    ask: 'How many coin pictures does it take until one is like your drawing in 9 pixels of 10? Say how many *zeros* the number has.',
    guess: { kind: 'amount', from: 0, to: 240, unit: 'zeros' },
    answer: 'zeros',
    reveal: 'The universe has about $10^80$ atoms. Waiting for luck is no way to draw digits.',
  },
};

export default chapter;
