/** The lab's settings as the address holds them. */

import type { Settings } from '../../state/page.svelte';
import { choiceOf, integerOf, numberOf } from '../../state/settings';
import { DAMAGES, strengthOf, type Damage } from './damage';

export const PARTS = ['draw', 'repair', 'pixels'] as const;
export type Part = (typeof PARTS)[number];

const LARGEST_SEED = 4_294_967_295;

export interface RepairSettings {
  part: Part;
  damage: Damage;
  /** Of noise: the probability of a flip, or the standard deviation of grey noise. */
  strength: number;
  seed: number;
}

export function readSettings(settings: Settings | undefined, pageSeed: number): RepairSettings {
  const damage = choiceOf(settings, 'damage', 'lower', DAMAGES);
  const { usual, limits } = strengthOf(damage);
  return {
    part: choiceOf(settings, 'part', 'draw', PARTS),
    damage,
    strength: numberOf(settings, 'strength', usual, limits),
    seed: integerOf(settings, 'seed', pageSeed, [0, LARGEST_SEED]),
  };
}
