import type { Chapter } from '../chapter';

const chapter: Chapter = {
  number: 21,
  title: 'Ask for a digit',
  model: 'mnist-2d',
  lead: 'Tell encoder and decoder which digit it is. Then the code need not say it, and keeps only the *style*. Such a [conditional VAE] can write any digit in your hand.',
  text: [
    'Labels are costly. [M2] learns to read digits from 100 labels and 60,000 pictures without one: for a picture without a label it adds up all ten classes, each weighed by its probability.',
  ],
  task: 'Draw a digit with a strong slant. Press another class to take it for that one.',
  touch: 'draw',
  figure: () => import('../figures/TenClasses.svelte'),
  question: {
    ask: 'The ten digits in your style are read by the model that saw only 100 labels. How many of the ten does it read as asked?',
    guess: { kind: 'amount', from: 0, to: 10, unit: 'of ten' },
    answer: 'right',
    reveal: 'It takes your own drawing for a {label:0}, with {sure:1} %.',
  },
  more: { lab: 'compare', settings: { part: 'classes' }, words: 'Styles and classes, in the Compare lab' },
};

export default chapter;
