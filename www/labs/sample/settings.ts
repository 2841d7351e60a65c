/** The lab's settings as the address holds them. */

import type { Settings } from '../../state/page.svelte';
import { choiceOf, integerOf, numberOf } from '../../state/settings';

/** Divides by all numbers of columns that the grid takes. */
export const COUNT = 60;
export const TEMPERATURE: readonly [number, number] = [0, 2];
export const LARGEST_SEED = 4_294_967_295;

const VIEWS = ['probabilities', 'pixels'] as const;
export type View = (typeof VIEWS)[number];

export interface SampleSettings {
  seed: number;
  temperature: number;
  view: View;
  /** The sample that is shown large. */
  pick: number;
  /** Class to sample; for models that can be asked for one. */
  label: number | undefined;
}

export function readSettings(settings: Settings | undefined, pageSeed: number): SampleSettings {
  const label = integerOf(settings, 'label', -1, [-1, 9]);
  return {
    seed: integerOf(settings, 'seed', pageSeed, [0, LARGEST_SEED]),
    temperature: numberOf(settings, 'temperature', 1, TEMPERATURE),
    view: choiceOf(settings, 'view', 'probabilities', VIEWS),
    pick: integerOf(settings, 'pick', 0, [0, COUNT - 1]),
    label: label < 0 ? undefined : label,
  };
}
