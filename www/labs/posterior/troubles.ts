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
    text: 'The chains start at draws of the prior, far from the small red region, and move towards it. Until they are there their steps are no draws from the posterior: they belong to the warm-up, which is not counted. See the trace reach the red band.',
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
    text: 'Nearly every proposal is accepted, but the steps are tiny: each chain stays near its start. Acceptance near 1 is no good sign. See R-hat: the chains do not agree.',
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
    text: 'Nearly every proposal lands where the posterior has almost no mass, and is refused. The chains stand still, and the trace looks like stairs. See the acceptance, and how few effective samples there are.',
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
    text: 'Only the lower half of this drawing counts as seen, and two kinds of digit end like that: about a quarter of the mass lies here, the rest there. Every chain stays where it arrived. The chains agree with each other, so R-hat sees nothing wrong, but the total variation shows that a part is missing. Start at the prior: then R-hat shows it too.',
    settings: () => ({ kernel: 'hmc', start: undefined, size: undefined, view: undefined, seen: 'lower' }),
    pace: 60,
  },
  {
    name: 'memory',
    title: 'Dependent draws',
    text: 'Everything looks well, but each draw is nearly the same as the draw before it. See how slowly the correlation falls, and how many steps are worth one independent draw. Then try HMC.',
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
