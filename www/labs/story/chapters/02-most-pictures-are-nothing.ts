import type { Chapter } from '../chapter';

const chapter: Chapter = {
  number: 2,
  title: 'Most pictures are nothing',
  model: 'mnist-2d',
  lead: 'Toss a coin for every pixel: heads is ink, tails is paper. Any picture can come out in this way, your drawing too. See how long that takes.',
  text: [
    'There are 2⁷⁸⁴ pictures of this size. Nearly all are noise. Digits are a tiny part of them, and a model of digits must find this part. On its map, nearly every place is a picture that looks like a digit.',
  ],
  task: 'Press “Again” as often as you like.',
  touch: 'button',
  figure: () => import('../figures/Coins.svelte'),
  question: {
    ask: 'How many coin pictures does it take until one is like your drawing in 9 pixels of 10? Say how many *zeros* the number has.',
    guess: { kind: 'amount', from: 0, to: 240, unit: 'zeros' },
    answer: 'zeros',
    reveal: 'The universe has about 10⁸⁰ atoms. Waiting for luck is no way to draw digits.',
  },
};

export default chapter;
