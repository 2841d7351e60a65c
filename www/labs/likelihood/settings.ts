/** The lab's settings as the address holds them. */

import type { ParameterValue } from '../../engine/protocol';
import type { Settings } from '../../state/page.svelte';
import { choiceOf, digitsOf, integerOf } from '../../state/settings';
import { PICTURES, type PictureName } from './pictures';
import { RUNNERS, type RunnerName } from './runners';

/** Draws in a group of the importance weighted bound. */
export const GROUPS = [1, 5, 20, 100] as const;
export const DEFAULT_GROUP = 5;

export const SPEEDS = ['slow', 'normal', 'fast'] as const;
export type Speed = (typeof SPEEDS)[number];

export const VIEWS = ['whole', 'near'] as const;
/** The whole race, or what lies near the truth. */
export type View = (typeof VIEWS)[number];

const LARGEST_SEED = 1_000_000;

export interface LikelihoodSettings {
  seed: number;
  k: number;
  speed: Speed;
  view: View;
  picture: PictureName;
  runs: Record<RunnerName, boolean>;
}

export function readSettings(settings: Settings | undefined): LikelihoodSettings {
  const off = digitsOf(settings, 'off');
  return {
    seed: integerOf(settings, 'seed', 1, [0, LARGEST_SEED]),
    k: integerOf(settings, 'k', DEFAULT_GROUP, [1, 200]),
    speed: choiceOf(settings, 'speed', 'normal', SPEEDS),
    view: choiceOf(settings, 'view', 'whole', VIEWS),
    picture: choiceOf(settings, 'picture', 'drawing', PICTURES),
    runs: Object.fromEntries(RUNNERS.map((name, at) => [name, !off.includes(at)])) as Record<
      RunnerName,
      boolean
    >,
  };
}

/** The places of the runners that stay at home, as a number: descending, for a leading zero would be lost. */
export function encodeOff(runs: Readonly<Record<RunnerName, boolean>>): ParameterValue | undefined {
  const off = RUNNERS.flatMap((name, at) => (runs[name] ? [] : [at]));
  return off.length > 0 ? Number(off.reverse().join('')) : undefined;
}
