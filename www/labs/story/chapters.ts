/** All chapters that there are, in order. */

import type { Chapter } from './chapter';

const found = import.meta.glob<Chapter>('./chapters/*.ts', { eager: true, import: 'default' });

export const chapters: readonly Chapter[] = Object.values(found).sort((a, b) => a.number - b.number);
