import type { Chapter } from '../chapter';

const chapter: Chapter = {
  number: 25,
  title: 'Your own hand',
  model: 'mnist-2d',
  lead: 'Nobody writes like a data set. This last model has learnt from digits that a program wrote, and has never seen yours. Teach it.',
  text: [
    'Draw and keep some digits, then draw one more that it has not seen. It learns from the kept ones for four seconds, beside 200 digits of its own, or it would forget those. If you keep none, it learns from the drawing itself: then it learns it by heart.',
  ],
  task: 'Draw, keep, draw, keep … Then draw one to test it.',
  touch: 'draw',
  figure: () => import('../figures/OwnHand.svelte'),
  question: {
    ask: 'By how many nats will $log p(x)$ of the drawing on the paper rise in four seconds of learning? Below 0 means: it falls, and the model finds the drawing less probable than before.',
    guess: { kind: 'amount', from: -100, to: 200, unit: 'nats' },
    answer: 'gain',
    reveal:
      'From {before:nats} to {after:nats}, by learning from {drawings:0} of your drawings. All probabilities add up to 1. What it learns becomes more probable, so pictures that are unlike it become less probable. Your drawing can be one of these, if it is unlike those that you kept.',
  },
  more: { lab: 'train', words: 'Learn with thousands of other digits, in the Train lab' },
};

export default chapter;
