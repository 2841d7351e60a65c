import type { Lab } from '../lab';
import text from './text.md';

const lab: Lab = {
  id: 'map',
  title: 'Map',
  order: 40,
  needs: ['model'],
  settings: ['hidden', 'off', 'columns', 'sort'],
  text,
  component: () => import('./Lab.svelte'),
};

export default lab;
