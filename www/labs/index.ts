import type { Lab } from './lab';

const found = import.meta.glob<Lab>('./*/lab.ts', { eager: true, import: 'default' });

/** All labs there are, in order. */
export const labs: readonly Lab[] = Object.values(found).sort((a, b) => a.order - b.order);

/** The lab that is open unless the address says otherwise: it is about the drawing above it. */
export const HOME = 'draw';
