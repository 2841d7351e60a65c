import type { Lab } from '../lab';
import text from './text.md';

const lab: Lab = {
  id: 'sample',
  title: 'Sample',
  order: 20,
  needs: ['model'],
  settings: ['seed', 'temperature', 'view', 'pick', 'label'],
  text,
  component: () => import('./Lab.svelte'),
};

export default lab;
