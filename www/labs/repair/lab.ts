import type { Lab } from '../lab';
import text from './text.md';

const lab: Lab = {
  id: 'repair',
  title: 'Repair',
  order: 80,
  needs: ['model'],
  settings: ['part', 'damage', 'strength', 'seed', 'brushed', 'ink', 'paper'],
  text,
  component: () => import('./Lab.svelte'),
};

export default lab;
