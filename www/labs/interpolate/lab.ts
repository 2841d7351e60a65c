import type { Lab } from '../lab';
import text from './text.md';

const lab: Lab = {
  id: 'interpolate',
  title: 'Interpolate',
  order: 30,
  needs: ['model'],
  settings: ['from', 'to', 'path', 'step'],
  text,
  component: () => import('./Lab.svelte'),
};

export default lab;
