// What the HTML shows before any script has come: the page's frame, its first drawing, and the map, the reconstruction
// and the figures that the shipped model gives for it. Computed in Node by the same components and the same engine.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, createServer } from 'vite';

import { SOURCE, TRANSLATED, translations } from './texts/catalogue.mjs';
import * as engine from '../pkg/viewer/latent_canvas.js';

const root = join(import.meta.dirname, '..');
const models = join(root, 'www/public/models');

/** What the page's modules ask of a browser while they are made; none of it is used. */
const browser = {
  addEventListener: () => undefined,
  devicePixelRatio: 1,
  document: { documentElement: { dataset: {} }, body: {}, baseURI: 'http://localhost/' },
  fetch: () => new Promise(() => undefined),
  history: { state: null, replaceState: () => undefined },
  location: { hash: '', search: '', href: 'http://localhost/' },
  matchMedia: () => ({ matches: false, addEventListener: () => undefined }),
  MutationObserver: class {
    observe = () => undefined;
  },
  Worker: class {
    addEventListener = () => undefined;
    postMessage = () => undefined;
  },
};

/** What the canvases that are painted are called in another language. */
function namesOfCanvases(language) {
  const known = translations(language);
  const named = ['Drawing canvas', 'What the model sees', 'Reconstruction', 'Latent map'];
  return Object.fromEntries(named.map((name) => [name, known.get(name) ?? name]));
}

/** @returns {Promise<string>} the script that paints the canvases, as it is written into the HTML */
async function painter() {
  const built = await build({
    configFile: false,
    root,
    logLevel: 'warn',
    publicDir: false,
    build: {
      write: false,
      target: 'es2022',
      lib: { entry: join(root, 'www/page/paintFirst.ts'), formats: ['iife'], name: 'painted' },
    },
  });
  const [{ output }] = Array.isArray(built) ? built : [built];
  return output[0].code.trim();
}

/** @returns the page as HTML in each language, the figures in it as JSON, and the script that paints its canvases */
export async function firstPicture() {
  engine.initSync({ module: readFileSync(join(root, 'pkg/viewer/latent_canvas_bg.wasm')) });
  const before = Object.keys(browser).map((name) => [
    name,
    Object.getOwnPropertyDescriptor(globalThis, name),
  ]);
  for (const [name, value] of Object.entries(browser)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  const server = await createServer({
    root,
    logLevel: 'warn',
    appType: 'custom',
    server: { middlewareMode: true, hmr: false, watch: null },
    optimizeDeps: { noDiscovery: true },
  });
  try {
    const load = (file) => server.ssrLoadModule(file);
    const catalogue = JSON.parse(readFileSync(join(models, 'index.json'), 'utf8')).models;
    const bodies = {};
    let picture;
    for (const language of [...TRANSLATED, SOURCE]) {
      browser.document.documentElement.lang = language;
      server.moduleGraph.invalidateAll();
      await (await load('virtual:texts/page')).load();
      const { makeFirstPicture } = await load('/www/page/makeFirstPicture.ts');
      const { recall } = await load('/www/page/recall.ts');
      const { default: App } = await load('/www/App.svelte');
      const { render } = await load('svelte/server');
      picture ??= makeFirstPicture(
        engine,
        catalogue,
        (file) => new Uint8Array(readFileSync(join(models, file))),
      );
      recall(picture);
      bodies[language] = render(App).body;
    }
    const names = Object.fromEntries(TRANSLATED.map((language) => [language, namesOfCanvases(language)]));
    return { bodies, picture: { ...picture, names }, script: await painter() };
  } finally {
    await server.close();
    for (const [name, descriptor] of before) {
      if (descriptor) Object.defineProperty(globalThis, name, descriptor);
      else Reflect.deleteProperty(globalThis, name);
    }
  }
}
