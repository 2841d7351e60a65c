import type { Chapter } from '../chapter';

const chapter: Chapter = {
  number: 7,
  title: 'Guessing by luck',
  model: 'mnist-2d',
  lead: '$p(x)$ is an average over codes. So draw codes from the [prior], look how well each explains your drawing, and take the mean of $p(x|z)$. It is right in the end. When is the end?',
  text: [
    'Nearly every code explains your drawing very badly, and a few explain it well. Until one of the few is drawn, the mean is far too small. Then it jumps. This is [naive Monte Carlo].',
  ],
  task: 'Double the number of draws and watch the curve climb to the red line.',
  touch: 'button',
  figure: () => import('../figures/Luck.svelte'),
  question: {
    ask: 'How many draws from the prior until the estimate is within 1 nat of the exact value?',
    guess: { kind: 'amount', from: 10, to: 100_000, logarithmic: true, unit: 'draws' },
    answer: 'needed',
    isLimit: 'isGivenUp',
    reveal:
      '{outcome}: {estimate:nats} beside {truth:nats}. This is with two latents. With 32 latents the lucky codes are so few that luck never helps.',
  },
  more: { lab: 'likelihood', words: 'Race it against better ways, in the Likelihood lab' },
};

export default chapter;
