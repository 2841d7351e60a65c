// What the HTML brings and asks for before any script has come, so that a first visit sees something at once: the first
// picture, and the requests for what the first live one needs.
import { firstPicture } from './first-picture.mjs';
import { SOURCE, TRANSLATED } from './texts/catalogue.mjs';

/** Whether a browser has relaxed SIMD: a module of one function that uses it, as wasm-feature-detect has it. */
const RELAXED_SIMD =
  '0,97,115,109,1,0,0,0,1,5,1,96,0,1,123,3,2,1,0,10,15,1,13,0,65,1,253,15,65,2,253,15,253,128,2,11';

/** A request of the page itself, so that the same request from a script finds its answer. */
const preload = (href, as) => ({
  tag: 'link',
  attrs: { rel: 'preload', as, href, crossorigin: true },
  injectTo: 'head',
});

/** @returns {import('vite').Plugin} */
export function firstView() {
  return {
    name: 'first-view',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      async handler(html, { bundle }) {
        const asset = (source) => {
          const found = Object.values(bundle ?? {}).find(
            (file) => file.type === 'asset' && file.originalFileNames.some((name) => name.endsWith(source)),
          );
          if (!found) throw new Error(`The build has no ${source} to ask for early.`);
          return `./${found.fileName}`;
        };
        const page = Object.values(bundle ?? {}).find(
          (file) => file.type === 'chunk' && file.moduleIds.some((id) => id.endsWith('/www/page/open.ts')),
        );
        if (!page) throw new Error('The build has no script of the page to ask for early.');
        const { bodies, picture, script } = await firstPicture();
        const texts = Object.fromEntries(
          TRANSLATED.map((language) => {
            const chunk = Object.values(bundle ?? {}).find(
              (file) =>
                file.type === 'chunk' && file.facadeModuleId?.endsWith(`virtual:texts/page/${language}`),
            );
            return [language, `./${chunk.fileName}`];
          }),
        );
        const { file, codes } = picture.catalogue.find(({ id }) => id === picture.model);
        const engines = ['viewer', 'viewer-relaxed'].map((name) =>
          asset(`pkg/${name}/latent_canvas_bg.wasm`),
        );
        const data = JSON.stringify(picture).replaceAll('<', '\\u003c');
        const shown = [
          `<div id="app">${bodies[SOURCE]}</div>`,
          ...TRANSLATED.map((language) => `<template id="first-${language}">${bodies[language]}</template>`),
          // In another language the frame is another, and its texts are asked for at once.
          `<script>{const{lang}=document.documentElement,first=document.getElementById('first-'+lang);` +
            `if(first){document.getElementById('app').replaceChildren(first.content);` +
            `document.head.append(Object.assign(document.createElement('link'),` +
            `{rel:'modulepreload',href:(${JSON.stringify(texts)})[lang]}))}` +
            `for(const one of document.querySelectorAll('template[id^=first-]'))one.remove()}</script>`,
          `<script id="first-picture" type="application/json">${data}</script>`,
          `<script>${script}</script>`,
        ];
        return {
          html: html.replace('<div id="app"></div>', () => shown.join('\n    ')),
          tags: [
            {
              tag: 'script',
              children:
                `document.head.append(Object.assign(document.createElement('link'),{rel:'preload',as:'fetch',` +
                `crossOrigin:'',href:WebAssembly.validate(new Uint8Array([${RELAXED_SIMD}]))` +
                `?'${engines[1]}':'${engines[0]}'}));`,
              injectTo: 'head-prepend',
            },
            // The frame is styled before the script is there that would ask for its styles.
            ...[...(page.viteMetadata?.importedCss ?? [])].map((style) => ({
              tag: 'link',
              attrs: { rel: 'stylesheet', crossorigin: true, href: `./${style}` },
              injectTo: 'head',
            })),
            { tag: 'link', attrs: { rel: 'modulepreload', href: `./${page.fileName}` }, injectTo: 'head' },
            ...['index.json', file, codes].map((name) => preload(`./models/${name}`, 'fetch')),
            ...['normal', 'italic'].map((style) =>
              preload(asset(`source-sans-3-latin-wght-${style}.woff2`), 'font'),
            ),
          ],
        };
      },
    },
  };
}
