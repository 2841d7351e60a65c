/** The lab's settings as the address holds them. */

import type { Settings } from '../../state/page.svelte';
import { PIXELS } from '../../engine/protocol';
import { choiceOf, integerOf, numberOf, tellUnusable } from '../../state/settings';
import { DAMAGES, strengthOf, type Damage } from './damage';
import { decodePixels } from './pixelSet';

export const PARTS = ['draw', 'repair', 'pixels'] as const;
export type Part = (typeof PARTS)[number];

const LARGEST_SEED = 4_294_967_295;

export interface RepairSettings {
  part: Part;
  damage: Damage;
  /** Of noise: the probability of a flip, or the standard deviation of grey noise. */
  strength: number;
  seed: number;
  /** 1 for each pixel that the brush hides. */
  brushed: Uint8Array<ArrayBuffer>;
  /** 1 for each pixel that was pressed to be ink, and to be paper. */
  ink: Uint8Array<ArrayBuffer>;
  paper: Uint8Array<ArrayBuffer>;
}

function pixelsOf(settings: Settings | undefined, name: string): Uint8Array<ArrayBuffer> {
  const value = settings?.[name];
  const none = new Uint8Array(PIXELS);
  if (value === undefined) return none;
  const set = typeof value === 'string' ? decodePixels(value) : undefined;
  if (!set) tellUnusable(name, value, 'no pixel');
  return set ?? none;
}

export function readSettings(settings: Settings | undefined, pageSeed: number): RepairSettings {
  const damage = choiceOf(settings, 'damage', 'lower', DAMAGES);
  const { usual, limits } = strengthOf(damage);
  return {
    part: choiceOf(settings, 'part', 'draw', PARTS),
    damage,
    strength: numberOf(settings, 'strength', usual, limits),
    seed: integerOf(settings, 'seed', pageSeed, [0, LARGEST_SEED]),
    brushed: pixelsOf(settings, 'brushed'),
    ink: pixelsOf(settings, 'ink'),
    paper: pixelsOf(settings, 'paper'),
  };
}
