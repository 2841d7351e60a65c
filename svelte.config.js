import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

export default {
  preprocess: vitePreprocess(),
  compilerOptions: {
    runes: true,
    // The same names in every build: the HTML is rendered by one and its styles come from another.
    cssHash: ({ hash, css }) => `svelte-${hash(css)}`,
  },
};
