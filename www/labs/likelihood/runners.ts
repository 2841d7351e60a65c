/** Who runs for log p(x), and what their numbers are. */

import type { StreamOptions } from '../../engine/protocol';

export type RunnerName = StreamOptions['estimator'];

/** In the order of the table. */
export const RUNNERS: readonly RunnerName[] = ['naive', 'importance', 'iwae', 'annealed', 'reverse-annealed'];

export interface Description {
  name: string;
  /** A token such as `--ochre`. */
  colour: string;
  /** Of the words: the same with the contrast that words need. */
  textColour: string;
  /** Of its curve, in CSS pixels, so that colour is not all that tells curves apart. */
  dash: string;
  /** What kind of number it is, in a few words. */
  kind: string;
  text: string;
}

export const DESCRIPTIONS: Readonly<Record<RunnerName, Description>> = {
  naive: {
    name: 'naive, from the prior',
    colour: '--ochre',
    textColour: '--ochre-text',
    dash: '',
    kind: 'unbiased for p(x); its logarithm lies below on average',
    text: 'Naive Monte Carlo: draw codes z from the prior and average p(x|z). On average that is p(x), but nearly all draws miss the few codes that explain the picture. Until one hits them the estimate is far too low; then it jumps.',
  },
  importance: {
    name: 'importance, from q',
    colour: '--cobalt',
    textColour: '--cobalt-text',
    dash: '',
    kind: 'unbiased for p(x); its logarithm lies below on average',
    text: 'Importance sampling: draw codes from the encoder’s q(z|x) and average p(x|z) p(z) / q(z|x). These codes fit the picture. The weights correct for not drawing from the prior.',
  },
  iwae: {
    name: 'IWAE',
    colour: '--cobalt',
    textColour: '--cobalt-text',
    dash: '7 4',
    kind: 'lower bound in expectation',
    text: 'The importance weighted bound: the mean of log (average of k weights) over groups of k draws from q(z|x). With k = 1 it is the ELBO; more draws in a group raise it towards log p(x). More groups make it steadier, not higher.',
  },
  annealed: {
    name: 'AIS from below',
    colour: '--green',
    textColour: '--green-text',
    dash: '',
    kind: 'lower bound in expectation',
    text: 'Annealed importance sampling: chains walk from the prior to the posterior through 59 distributions between them (Hamiltonian Monte Carlo). The encoder is not needed. Eight chains arrive at a time.',
  },
  'reverse-annealed': {
    name: 'AIS from above',
    colour: '--green',
    textColour: '--green-text',
    dash: '2 4',
    kind: 'upper bound in expectation',
    text: 'The same chains backwards, from a draw of the posterior to the prior: their weights average to 1/p(x), so this comes from above. Between the two bounds lies log p(x).',
  },
};

/** Draws between two looks at most: a few milliseconds of work, so that pause is immediate. */
const MOST_DRAWS = 100;
/** The share of what was drawn before that the next piece may add: the logarithmic axis needs no finer steps. */
const SHARE = 0.05;

/**
 * By how much a runner goes on: draws of each of `classes` models, groups of k such draws, or one temperature. It depends on
 * nothing but how far the runner is, so that a seed gives the same points again.
 */
export function pieceOf(name: RunnerName, evaluations: number, k: number, classes: number): number {
  if (name === 'annealed' || name === 'reverse-annealed') return 1;
  const draws = Math.min(MOST_DRAWS, Math.max(1, Math.round(SHARE * evaluations)));
  return Math.max(1, Math.round(draws / classes / (name === 'iwae' ? k : 1)));
}

/** One look at a runner. */
export interface Point {
  evaluations: number;
  /** Nats. */
  value: number;
}

/** A hundredth more evaluations, or this many nats of change, are worth a point of their own. */
const NEXT_EVALUATIONS = 1.01;
const JUMP_NATS = 0.3;

/** The points with a newest one, which takes the last one's place where that is hardly older; a new array. */
export function withPoint(points: readonly Point[], point: Point): readonly Point[] {
  const last = points.at(-1);
  const before = points.at(-2);
  const isLastWorthKeeping =
    !last ||
    !before ||
    last.evaluations >= before.evaluations * NEXT_EVALUATIONS ||
    Math.abs(last.value - before.value) > JUMP_NATS ||
    Math.abs(point.value - last.value) > JUMP_NATS;
  return isLastWorthKeeping ? [...points, point] : [...points.slice(0, -1), point];
}

/** The largest rise from one point to the next, nats: naive draws jump. */
export function largestJump(points: readonly Point[]): number {
  return points.reduce(
    (most, { value }, at) => Math.max(most, at > 0 ? value - (points[at - 1]?.value ?? value) : 0),
    0,
  );
}
