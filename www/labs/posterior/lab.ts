import type { Lab } from '../lab';
import text from './text.md';

const lab: Lab = {
  id: 'posterior',
  title: 'Posterior',
  order: 70,
  needs: ['model'],
  settings: ['part', 'seen', 'view', 'kernel', 'start', 'size', 'chains', 'pair', 'integrand', 'q', 'dice'],
  text,
  component: () => import('./Lab.svelte'),
};

export default lab;
