// What the HTML brings and asks for before any script has come, so that a first visit sees something at once: the first
// picture, and the requests for what the first live one needs.
import { firstPicture } from './first-picture.mjs';
import { SOURCE, TRANSLATED } from './texts/catalogue.mjs';

/** A request of the page itself, so that the same request from a script finds its answer. */
const preload = (href, as) => ({
  tag: 'link',
  attrs: { rel: 'preload', as, href, crossorigin: true },
  injectTo: 'head',
});

/**
 * A policy that allows no style in an attribute (scripts/security-policy.mjs) allows rules in the HTML's own head: each
 * such attribute becomes one. The page, once it is there, sets its elements' styles itself and takes the rules away.
 *
 * @param {Record<string, string>} bodies
 */
function attributesAsRules(bodies) {
  const styles = new Map();
  const numbered = (style) => {
    if (!styles.has(style)) styles.set(style, styles.size);
    return styles.get(style);
  };
  const without = Object.fromEntries(
    Object.entries(bodies).map(([language, body]) => [
      language,
      body.replaceAll(/ style="([^"]*)"/g, (_, style) => ` data-first-style="${numbered(style)}"`),
    ]),
  );
  const rules = [...styles].map(([style, number]) => `[data-first-style="${number}"]{${style}}`).join('');
  return { bodies: without, rules };
}

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
        /** Styles stand in the HTML itself: to be asked for, they would have to be waited for. */
        const styleOf = (fileName) => String(bundle[fileName].source).replaceAll('url(./', 'url(./assets/');
        const page = Object.values(bundle ?? {}).find(
          (file) => file.type === 'chunk' && file.moduleIds.some((id) => id.endsWith('/www/page/open.ts')),
        );
        if (!page) throw new Error('The build has no script of the page to ask for early.');
        const worker = Object.values(bundle ?? {}).find(({ fileName }) =>
          /^assets\/worker-[^/]+\.js$/.test(fileName),
        );
        if (!worker) throw new Error('The build has no worker to start early.');
        const { bodies: written, picture, script } = await firstPicture();
        const { bodies, rules } = attributesAsRules(written);
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
        const data = JSON.stringify(picture).replaceAll('<', '\\u003c');
        const shown = [
          `<div id="app">${bodies[SOURCE]}</div>`,
          // As text, which costs nothing where it is not wanted.
          ...TRANSLATED.map(
            (language) => `<script id="first-${language}" type="text/html">${bodies[language]}</script>`,
          ),
          // In another language the frame is another, and its texts are asked for at once.
          `<script>{const{lang}=document.documentElement,first=document.getElementById('first-'+lang);` +
            `if(first){document.getElementById('app').innerHTML=first.textContent;` +
            `document.head.append(Object.assign(document.createElement('link'),` +
            `{rel:'modulepreload',href:(${JSON.stringify(texts)})[lang]}))}` +
            `for(const one of document.querySelectorAll('script[type="text/html"]'))one.remove()}</script>`,
          `<script id="first-picture" type="application/json">${data}</script>`,
          `<script>${script}</script>`,
        ];
        return {
          html: html
            .replace('<div id="app"></div>', () => shown.join('\n    '))
            .replaceAll(
              /<link rel="stylesheet" crossorigin href="\.\/(assets\/index-[^"]+\.css)">/g,
              (_, fileName) => `<style>${styleOf(fileName)}</style>`,
            ),
          tags: [
            // The worker that answers the pen starts before anything else, and fetches and compiles the engine meanwhile.
            // None can where the page has no origin (index.html). What goes wrong with it is told to who takes it over
            // (www/engine/firstWorker.ts).
            {
              tag: 'script',
              children:
                `if(self.origin!=='null'){const pen=window.firstWorker=new Worker('./${worker.fileName}',{type:'module',name:'pen:1'});` +
                // A script that cannot be fetched fails without a message.
                `pen.onerror=event=>{pen.failure=event.message??''}}`,
              injectTo: 'head-prepend',
            },
            // The frame is styled before the script is there that would ask for its styles. That one looks for a link to
            // them: here is one that fetches nothing.
            ...[...(page.viteMetadata?.importedCss ?? [])].flatMap((style) => [
              { tag: 'style', children: styleOf(style), injectTo: 'head' },
              {
                tag: 'link',
                attrs: { rel: 'stylesheet', crossorigin: true, href: `./${style}`, disabled: true },
                injectTo: 'head',
              },
            ]),
            { tag: 'link', attrs: { rel: 'modulepreload', href: `./${page.fileName}` }, injectTo: 'head' },
            { tag: 'style', attrs: { id: 'first-styles' }, children: rules, injectTo: 'head' },
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
