/** The lab's settings as the address holds them. */

import type { ParameterValue } from '../../engine/protocol';
import type { Settings } from '../../state/page.svelte';
import { choiceOf, digitsOf, integerOf } from '../../state/settings';

/** Pictures along a side of the map. */
export const COLUMNS: readonly [number, number] = [6, 36];
export const DEFAULT_COLUMNS = 20;

export const LAYERS = ['manifold', 'codes', 'posterior', 'encoder', 'aggregate', 'prior'] as const;
export type Layer = (typeof LAYERS)[number];

const SORTS = ['drawing', 'codes'] as const;
/** Traversed latents come by what they say of the drawing, or by how much they vary over all digits. */
export type Sort = (typeof SORTS)[number];

export interface MapSettings {
  columns: number;
  /** Which classes' codes are shown, by digit. */
  classes: boolean[];
  layers: Record<Layer, boolean>;
  sort: Sort;
}

export function readSettings(settings: Settings | undefined): MapSettings {
  const hidden = digitsOf(settings, 'hidden');
  const off = digitsOf(settings, 'off');
  return {
    columns: integerOf(settings, 'columns', DEFAULT_COLUMNS, COLUMNS),
    classes: Array.from({ length: 10 }, (_, digit) => !hidden.includes(digit)),
    layers: Object.fromEntries(LAYERS.map((layer, index) => [layer, !off.includes(index)])) as Record<
      Layer,
      boolean
    >,
    sort: choiceOf(settings, 'sort', 'drawing', SORTS),
  };
}

/** The places of what is switched off, as a number: descending, for a leading zero would be lost. */
export function encodeOff(shown: readonly boolean[]): ParameterValue | undefined {
  const off = shown.flatMap((on, index) => (on ? [] : [index]));
  return off.length > 0 ? Number(off.reverse().join('')) : undefined;
}
