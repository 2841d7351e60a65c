/** The three paths keep their dashes on map, charts and in the table: colour only says which is the current one. */

import type { Path } from '../../engine/protocol';

export const DASHES: Readonly<Record<Path, string>> = {
  linear: 'none',
  spherical: '9 4',
  geodesic: '2 4',
};
