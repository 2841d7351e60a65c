import { svelte } from '@sveltejs/vite-plugin-svelte';
import { marked } from 'marked';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/** A lab's `text.md` reaches the page as HTML made at build time, so no Markdown parser is shipped. */
function markdown(): Plugin {
  return {
    name: 'markdown',
    async transform(source, id) {
      if (!id.endsWith('.md')) return undefined;
      const html = await marked.parse(source, { async: true });
      return { code: `export default ${JSON.stringify(html)};`, map: { mappings: '' } };
    },
  };
}

// Isolation gives the page finer clocks and, where a build uses them, threads; the page needs neither.
const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export default defineConfig({
  // Relative addresses: `dist/` can be hosted from any sub-path.
  base: './',
  publicDir: 'www/public',
  plugins: [markdown(), svelte()],
  worker: { format: 'es' },
  build: {
    outDir: 'dist',
    target: 'es2022',
    // The wasm and fonts stay files: inlined they could be neither cached nor streamed.
    assetsInlineLimit: 0,
  },
  server: {
    headers: isolation,
    // Cargo's output is large and restless.
    watch: { ignored: ['**/target/**', '**/.cache/**'] },
  },
  preview: { headers: isolation },
  test: {
    environment: 'node',
    include: ['www/**/*.test.ts'],
  },
  resolve: process.env.VITEST ? { conditions: ['browser'] } : {},
});
