import type { Lab } from '../lab';
import text from './text.md';

const lab: Lab = {
  id: 'train',
  title: 'Train',
  order: 50,
  needs: [],
  text,
  takeFiles: async (files) => {
    const { training } = await import('./training.svelte');
    await training.open();
    await training.accept(files);
  },
  component: () => import('./Lab.svelte'),
};

export default lab;
