/** The troubles that chains get into, each set up by one button. */

import type { ParameterValue } from '../../engine/protocol';

export type TroubleName = 'arrival' | 'small' | 'large' | 'modes' | 'memory';

export interface Trouble {
  name: TroubleName;
  title: string;
  /** What to look at. */
  text: string;
  /** The lab's settings for it; lengths are in standard deviations of the posterior. */
  settings: (deviation: number) => Record<string, ParameterValue | undefined>;
  /** Steps a second that show it best. */
  pace: number;
}

/** Three digits are as many as a length needs. */
const length = (value: number): number => Number(Math.min(2, Math.max(0.0002, value)).toPrecision(3));

export const TROUBLES: readonly Trouble[] = [
  {
    name: 'arrival',
    title: 'Slow arrival',
    text: 'The chains start at draws of the prior, far from the red speck, and feel their way to it. Until they are there their steps are no draws from the posterior: that is what a warm-up is for. See the trace fall into the red band.',
    settings: (deviation) => ({
      kernel: 'random-walk',
      start: 'prior',
      size: length(2.5 * deviation),
      view: 'plane',
      seen: undefined,
    }),
    pace: 60,
  },
  {
    name: 'small',
    title: 'Steps too small',
    text: 'Nearly every proposal is accepted, and nothing is learned: each chain creeps about where it began. Acceptance near 1 is no good sign. See R-hat: the chains tell different stories.',
    settings: (deviation) => ({
      kernel: 'random-walk',
      start: undefined,
      size: length(0.06 * deviation),
      view: undefined,
      seen: undefined,
    }),
    pace: 60,
  },
  {
    name: 'large',
    title: 'Steps too large',
    text: 'Nearly every proposal lands where the posterior has nothing and is refused: the chains stand still, and the trace is all stairs. See the acceptance, and how few draws are worth anything.',
    settings: (deviation) => ({
      kernel: 'random-walk',
      start: undefined,
      size: length(25 * deviation),
      view: undefined,
      seen: undefined,
    }),
    pace: 60,
  },
  {
    name: 'modes',
    title: 'Two modes',
    text: 'Only the lower half of this drawing counts as seen, and two kinds of digit end like that: about a quarter of the mass lies here, the rest there. Every chain stays where it arrived. They agree with each other, so R-hat says all is well, and the total variation says that a part is missing. Start at the prior, and R-hat tells.',
    settings: () => ({ kernel: 'hmc', start: undefined, size: undefined, view: undefined, seen: 'lower' }),
    pace: 60,
  },
  {
    name: 'memory',
    title: 'Dependent draws',
    text: 'Everything looks well, but a draw is nearly the draw before it: see how slowly the memory fades, and how many steps it takes for the worth of one independent draw. Then try HMC.',
    settings: (deviation) => ({
      kernel: 'random-walk',
      start: undefined,
      size: length(0.35 * deviation),
      view: undefined,
      seen: undefined,
    }),
    pace: 200,
  },
];

/** The digit whose lower half has two modes under `mnist-2d`, a quarter and three quarters of the mass: by seed, index and its pen. */
export const TWO_MODES = { seed: 7, index: 21, penWidth: 288 / 4096, model: 'mnist-2d' } as const;
