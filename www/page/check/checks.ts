/** All checks, in the order in which they are run and shown. */

import { bounds } from './bounds';
import type { Check } from './check';
import { finerGrid } from './finerGrid';
import { gradients } from './gradients';
import { memory } from './memory';
import { recordedNumbers } from './recorded';

export const checks: readonly Check[] = [gradients, bounds, finerGrid, recordedNumbers, memory];
