// The service worker of the built page (www/offline/serviceWorker.ts), with the list of all files that it keeps.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { build } from 'vite';

const root = join(import.meta.dirname, '..');
const SCRIPT = 'serviceWorker.js';
/** What no page asks for: headers are for the host, the preview is for other pages. */
const NOT_KEPT = new Set(['_headers', 'preview.png', SCRIPT]);
const COMPRESSED = /\.(br|gz)$/;

/** @param {string} folder */
export function filesToKeep(folder) {
  return readdirSync(folder, { recursive: true })
    .map((name) => relative('.', String(name)).replaceAll('\\', '/'))
    .filter((name) => !NOT_KEPT.has(name) && !COMPRESSED.test(name) && statSync(join(folder, name)).isFile())
    .sort()
    .map((url) => ({
      url,
      // In this folder names hold a hash of what the files hold.
      revision: url.startsWith('assets/')
        ? null
        : createHash('sha256')
            .update(readFileSync(join(folder, url)))
            .digest('hex')
            .slice(0, 16),
    }));
}

/** @returns {import('vite').Plugin} */
export function offline() {
  let folder = '';
  return {
    name: 'offline',
    apply: 'build',
    configResolved(config) {
      folder = resolve(config.root, config.build.outDir);
    },
    // All files are written then, and none is compressed yet.
    async writeBundle() {
      const built = await build({
        configFile: false,
        root,
        logLevel: 'warn',
        publicDir: false,
        define: { FILES: JSON.stringify(filesToKeep(folder)), 'process.env.NODE_ENV': '"production"' },
        build: {
          write: false,
          target: 'es2022',
          lib: { entry: join(root, 'www/offline/serviceWorker.ts'), formats: ['iife'], name: 'offline' },
        },
      });
      const [{ output }] = Array.isArray(built) ? built : [built];
      writeFileSync(join(folder, SCRIPT), output[0].code);
    },
  };
}
