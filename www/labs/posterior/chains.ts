/** How chains are told apart: each has a colour and a mark of its own, on the map and in the trace. */

import { theme } from '../../components/theme.svelte';

export type Mark = 'circle' | 'square' | 'triangle' | 'diamond' | 'cross' | 'plus' | 'down' | 'bar';

const MARKS: readonly Mark[] = ['circle', 'square', 'triangle', 'diamond', 'cross', 'plus', 'down', 'bar'];
/** Classes' colours that are told apart with any colour vision and are neither the truth's red nor q's blue. */
const COLOURS = [1, 9, 4, 7, 5, 3, 0, 8];

export function markOf(chain: number): Mark {
  return MARKS[chain % MARKS.length] ?? 'circle';
}

/** The token of a chain's colour. */
export function colourToken(chain: number): string {
  return `--class-${String(COLOURS[chain % COLOURS.length])}`;
}

export function colourOf(chain: number): string {
  return theme.colour(colourToken(chain));
}

/** Outline of a mark round (0, 0), its half size 1, as an SVG path. */
export const OUTLINES: Readonly<Record<Mark, string>> = {
  circle: 'M1,0A1,1 0 1 1 -1,0A1,1 0 1 1 1,0Z',
  square: 'M-.88,-.88H.88V.88H-.88Z',
  triangle: 'M0,-1.15L1.05,.75H-1.05Z',
  diamond: 'M0,-1.2L1.2,0L0,1.2L-1.2,0Z',
  cross: 'M-1,-.55L-.55,-1L0,-.45L.55,-1L1,-.55L.45,0L1,.55L.55,1L0,.45L-.55,1L-1,.55L-.45,0Z',
  plus: 'M-.35,-1.1H.35V-.35H1.1V.35H.35V1.1H-.35V.35H-1.1V-.35H-.35Z',
  down: 'M0,1.15L1.05,-.75H-1.05Z',
  bar: 'M-1.1,-.55H1.1V.55H-1.1Z',
};
