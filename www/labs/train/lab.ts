import type { Lab } from '../lab';
import text from './text.md';

const lab: Lab = {
  id: 'train',
  title: 'Train',
  order: 50,
  needs: [],
  text,
  component: () => import('./Lab.svelte'),
};

export default lab;
