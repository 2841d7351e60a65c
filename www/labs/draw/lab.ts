import type { Lab } from '../lab';
import text from './text.md';

const lab: Lab = {
  id: 'draw',
  title: 'Draw',
  order: 10,
  needs: ['model'],
  settings: ['class'],
  text,
  component: () => import('./Lab.svelte'),
};

export default lab;
