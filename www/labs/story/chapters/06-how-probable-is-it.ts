import type { Chapter } from '../chapter';

const chapter: Chapter = {
  number: 6,
  title: 'How probable is it?',
  model: 'mnist-2d',
  lead: 'A model that can draw digits can also judge a picture: how often would *this very* picture come out? That is the [evidence], $p(x)$: the average of $p(x|z)$ over all codes from the [prior].',
  text: [
    '$p(x) = \\int p(x|z) p(z) d z$. The number is tiny, so one takes its natural logarithm. It is below 0, and nearer to 0 is more probable. With two latents this page can add up over all codes: the value is exact, with an error below 0.005 [nat].',
  ],
  task: 'Draw different things. A letter, a spiral, a very thin 1.',
  touch: 'draw',
  figure: () => import('../figures/Evidence.svelte'),
  question: {
    ask: 'Which of the four pictures is the most probable under this model?',
    guess: {
      kind: 'choice',
      options: [
        { id: 'yours', name: 'your drawing' },
        { id: 'turned', name: 'your drawing on its head' },
        { id: 'blank', name: 'blank paper' },
        { id: 'noise', name: 'noise' },
      ],
    },
    answer: 'most',
    reveal:
      'Your drawing has {yours:nats}, blank paper {blank:nats}, noise {noise:nats}. Probable is not the same as “looks like a digit”. The edge of a stroke may lie one pixel farther out, so the model is unsure there, and each unsure pixel costs. Blank paper has no edges, and a thin stroke has short ones: they cost little. So they may be more probable than a beautiful digit.',
  },
  more: { lab: 'likelihood', words: 'Judge other pictures beside 1,000 test digits, in the Likelihood lab' },
};

export default chapter;
