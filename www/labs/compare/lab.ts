import type { Lab } from '../lab';
import text from './text.md';

const lab: Lab = {
  id: 'compare',
  title: 'Compare',
  order: 90,
  needs: ['model'],
  settings: [
    ...['part', 'dice', 'label', 'blurred', 'factorModel'],
    ...['class', 'slant', 'rotation', 'thickness', 'aspect', 'curvature', 'loopSize'],
  ],
  text,
  component: () => import('./Lab.svelte'),
};

export default lab;
