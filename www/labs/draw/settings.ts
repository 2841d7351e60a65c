/** The lab's settings as the address holds them. */

import type { Settings } from '../../state/page.svelte';
import { integerOf } from '../../state/settings';

/** The class that a model by class is told of every image; none leaves it to sum over all of them. */
export function readClass(settings: Settings | undefined): number | undefined {
  const label = integerOf(settings, 'class', -1, [-1, 9]);
  return label < 0 ? undefined : label;
}
