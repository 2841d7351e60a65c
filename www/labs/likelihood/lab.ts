import type { Lab } from '../lab';
import text from './text.md';

const lab: Lab = {
  id: 'likelihood',
  title: 'Likelihood',
  order: 60,
  needs: ['model'],
  settings: ['seed', 'k', 'speed', 'off', 'view', 'picture'],
  text,
  component: () => import('./Lab.svelte'),
};

export default lab;
