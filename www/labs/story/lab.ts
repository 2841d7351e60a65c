import type { Lab } from '../lab';

const lab: Lab = {
  id: 'story',
  title: 'Story',
  order: 5,
  needs: ['model'],
  settings: ['chapter'],
  text: '',
  component: () => import('./Lab.svelte'),
};

export default lab;
