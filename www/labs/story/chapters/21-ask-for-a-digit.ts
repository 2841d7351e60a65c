import type { Chapter } from '../chapter';

const chapter: Chapter = {
  number: 21,
  title: 'Ask for a digit',
  model: 'mnist-2d',
  lead: 'Tell encoder and decoder which digit it is. Then the code need not say it, and keeps only the *style*. Such a [conditional VAE] can write any digit in your handwriting.',
  text: [
    'But somebody must have labelled all those digits. [M2] needs only 100 labels, and 60,000 pictures without one. (It is the second of two models in a paper by Kingma and others, 2014.) It is a conditional VAE with one more network, which *reads*: it answers with a probability for each class.',
    'So two models work here. The conditional VAE writes the ten digits, and M2 reads them.',
  ],
  why: {
    ask: 'How can it learn from pictures without a label?',
    steps: [
      'With a label M2 learns as any conditional VAE: it raises the ELBO of picture and class together.',
      'Without one it tries all ten classes, so it has ten ELBOs. Its reader says how probable each class is. M2 raises the mean of the ten, weighed by these probabilities.',
      'The ELBO of a 7 is higher if it is redrawn as a 7. So the mean rises when the reader makes that class more probable. One thing is added, the entropy of the reader’s answer: it must not be sure without a reason.',
      'Without any label the reader could only sort the digits into groups. The 100 labels say which group is called 7.',
    ],
  },
  task: 'Draw a digit with a strong slant. Then press another class: now your drawing is taken as that one.',
  touch: 'draw',
  figure: () => import('../figures/TenClasses.svelte'),
  question: {
    ask: 'The model that saw only 100 labels reads the ten digits in your style. How many does it read as the class that they were written as?',
    guess: { kind: 'amount', from: 0, to: 10, unit: 'of ten' },
    answer: 'right',
    reveal:
      'It reads your own drawing as {reads:0}, with a probability of {sure:1} %. A reader can be sure and wrong: it must choose one of ten classes, whatever is drawn. If it is wrong, press the right class.',
  },
  more: { lab: 'compare', settings: { part: 'classes' }, words: 'Styles and classes, in the Compare lab' },
};

export default chapter;
