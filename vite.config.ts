import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

import { svelte } from '@sveltejs/vite-plugin-svelte';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

import { compressFolder } from './scripts/compress.mjs';
import { firstView } from './scripts/first-view.mjs';
import { offline } from './scripts/offline.mjs';
import { securityPolicy } from './scripts/security-policy.mjs';
import { markdown } from './scripts/texts/markdown.mjs';
import { texts } from './scripts/texts/plugin.mjs';
import { MNIST_MIRRORS } from './www/labs/train/data/mirrors';

const threadsFolder = 'pkg/threads';

/** Every file below a folder, by its path in there. */
function filesBelow(folder: string): [name: string, contents: Buffer][] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.d.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => [relative(folder, path).replaceAll('\\', '/'), readFileSync(path)]);
}

/** The build with threads stays as it is: each thread loads its script again, by an address of its own. */
function threadsBuild(): Plugin {
  const files = existsSync(threadsFolder) ? filesBelow(threadsFolder) : [];
  const hash = createHash('sha256');
  for (const [name, contents] of files) hash.update(name).update(contents);
  const folder = `threads-${hash.digest('hex').slice(0, 8)}`;
  return {
    name: 'threads-build',
    config: (_, { command }) => {
      const served = command === 'serve' ? `/${threadsFolder}` : `./${folder}`;
      const address = files.length > 0 ? `${served}/latent_canvas.js` : '';
      return { define: { THREADS_BUILD: JSON.stringify(address) } };
    },
    generateBundle() {
      for (const [name, source] of files) {
        this.emitFile({ type: 'asset', fileName: `assets/${folder}/${name}`, source });
      }
    },
  };
}

/**
 * Where a link is posted, its picture is asked for by a whole address, and that is known only to whoever hosts the
 * page: SITE_ADDRESS=https://example.org/page/ make build
 */
function siteAddress(): Plugin {
  return {
    name: 'site-address',
    apply: 'build',
    transformIndexHtml(html) {
      const address = process.env.SITE_ADDRESS;
      if (!address) return undefined;
      const picture = new URL('preview.png', address).href;
      return {
        html: html.replace('content="./preview.png"', () => `content="${picture}"`),
        tags: [
          { tag: 'link', attrs: { rel: 'canonical', href: address }, injectTo: 'head' },
          { tag: 'meta', attrs: { property: 'og:url', content: address }, injectTo: 'head' },
        ],
      };
    },
  };
}

/** Whatever serves the site can send its files compressed without any work. */
function compressedCopies(): Plugin {
  let folder = '';
  return {
    name: 'compressed-copies',
    apply: 'build',
    enforce: 'post',
    configResolved({ root, build }) {
      folder = resolve(root, build.outDir);
    },
    closeBundle: () => compressFolder(folder),
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
  plugins: [
    markdown(),
    // Tests read the sources as they are.
    ...(process.env.VITEST ? [] : [texts()]),
    svelte(),
    threadsBuild(),
    siteAddress(),
    firstView(),
    securityPolicy(MNIST_MIRRORS),
    offline(),
    compressedCopies(),
  ],
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
