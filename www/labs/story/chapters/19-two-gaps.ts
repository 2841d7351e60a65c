import type { Chapter } from '../chapter';

const chapter: Chapter = {
  number: 19,
  title: 'Two gaps',
  model: 'mnist-2d',
  // A digit that nobody has taught the encoder: a cross over a bar.
  sketch: {
    strokes: [
      [0.28, 0.2, 0.5, 0.45, 0.72, 0.7],
      [0.72, 0.2, 0.5, 0.45, 0.28, 0.7],
      [0.25, 0.84, 0.75, 0.84],
    ],
    penWidth: 288 / 4096,
  },
  lead: 'The distance between $log p(x)$ and the ELBO has two reasons. A posterior is hardly ever exactly a Gaussian: that is the [approximation gap]. And the encoder does not find the best Gaussian: that is the [amortisation gap].',
  text: [
    'Amortised means paid for in advance: one network must answer for all pictures, even those that it has never seen. The paper begins with a drawing that is no digit. (Yours comes back in the next chapter.)',
  ],
  formulas: [
    [
      {
        math: 'log p(x)',
        role: 'truth',
        says: 'How probable the model finds this drawing, over all codes.',
        fact: 'evidence',
      },
      '=',
      { math: 'ELBO', role: 'encoder', says: 'The bound of the encoder’s q.', fact: 'elbo' },
    ],
    [
      '+',
      {
        math: 'amortisation',
        role: 'encoder',
        says: 'What the encoder loses against the best Gaussian for this drawing.',
        fact: 'amortisation',
        isAnswer: true,
      },
      '+',
      {
        math: 'approximation',
        role: 'truth',
        says: 'The KL from the best Gaussian to the exact posterior.',
        fact: 'approximation',
        isAnswer: true,
      },
    ],
  ],
  task: 'Compare the encoder’s _q_ with the exact posterior. Then draw a plain digit, and look again.',
  touch: 'draw',
  figure: () => import('../figures/Gaps.svelte'),
  question: {
    ask: 'Which gap is larger for the drawing on the paper?',
    guess: {
      kind: 'choice',
      options: [
        { id: 'approximation', name: 'approximation: no Gaussian fits' },
        { id: 'amortisation', name: 'amortisation: the encoder misses it' },
      ],
    },
    answer: 'larger',
    reveal:
      'Amortisation {amortisation:nats}, approximation {approximation:nats}. The encoder answers at once. The best _q_ is found in many small steps, each a little better for this one picture. These steps close the first gap, never the second.',
  },
  more: {
    lab: 'posterior',
    settings: { part: 'ladder' },
    words: 'Better and better q for one drawing, in the Posterior lab',
  },
};

export default chapter;
