// Puts the texts of the page's language in the place of those in its sources. The English ones stay with the module
// that has them; those of another language are fetched by group, before the first module of the
// group.
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { compileTranslation } from 'wuchale/compiler';

import {
  crateFile,
  errorsFile,
  groups,
  mayHoldTexts,
  poFile,
  TRANSLATED,
  translations,
} from './catalogue.mjs';
import { groupOf } from './groups.mjs';
import { translatedMarkdown } from './markdown.mjs';
import { read } from './read.mjs';

const GROUP = 'virtual:texts/';

const compile = (text) => compileTranslation(text, text);

/** @returns {import('vite').Plugin} */
export function texts() {
  let root = '';
  /** Read once a build; anew where a source has changed. */
  let known;
  const all = () => (known ??= groups());
  const runtime = (name) => JSON.stringify(posix.join(root, 'www/locales', name));

  /** The place of a file among those of its group. */
  async function placeOf(file) {
    const inGroup = (await all()).get(groupOf(file)) ?? [];
    return inGroup.findIndex((one) => one.file === file);
  }

  return {
    name: 'texts',
    configResolved(config) {
      root = config.root;
    },
    handleHotUpdate({ file, server }) {
      const path = posix.relative(root, file);
      if (!mayHoldTexts(path) && !path.endsWith('.po')) return;
      known = undefined;
      for (const [id, module] of server.moduleGraph.idToModuleMap) {
        if (id.startsWith(`\0${GROUP}`)) server.moduleGraph.invalidateModule(module);
      }
    },
    resolveId(id) {
      return id.startsWith(GROUP) ? `\0${id}` : undefined;
    },
    async load(id) {
      if (!id.startsWith(`\0${GROUP}`)) return undefined;
      const [group, language] = id.slice(GROUP.length + 1).split('/');
      if (!language) {
        const others = TRANSLATED.map((one) => `${one}: () => import('${GROUP}${group}/${one}')`);
        // What the crate says comes with the page's texts.
        const [imports, keepCrate] =
          group === 'page'
            ? [
                `import { dictionary } from ${runtime('crate.ts')}; import { messages } from ${runtime('errors.ts')};`,
                `Object.assign(dictionary, found.crate); Object.assign(messages, found.errors);`,
              ]
            : ['', ''];
        return [
          `import { locale } from ${runtime('locale.ts')};`,
          imports,
          `const fetched = { ${others.join(', ')} }[locale];`,
          `export const texts = [];`,
          `let loading;`,
          // English is better than nothing; and where this language fails to come, so does the module behind it.
          `const keep = (found) => { texts.push(...found.default); ${keepCrate} };`,
          `export const load = () => (loading ??= fetched ? fetched().then(keep, () => (loading = undefined)) : Promise.resolve());`,
        ].join('\n');
      }
      this.addWatchFile(poFile(language));
      const translated = translations(language);
      const byFile = ((await all()).get(group) ?? []).map(({ texts: english }) =>
        english.map((text) => (translated.has(text) ? compile(translated.get(text)) : 0)),
      );
      if (group !== 'page') return `export default ${JSON.stringify(byFile)};`;
      for (const file of [crateFile(language), errorsFile(language)]) this.addWatchFile(file);
      return [
        `export const crate = ${readFileSync(crateFile(language), 'utf8')};`,
        `export const errors = ${readFileSync(errorsFile(language), 'utf8')};`,
        // After the files, the labs' texts of Markdown.
        `export default ${JSON.stringify([...byFile, await translatedMarkdown(language)])};`,
      ].join('\n');
    },
    transform: {
      order: 'pre',
      async handler(code, id) {
        const file = posix.relative(root, id);
        if (!mayHoldTexts(file)) return undefined;
        const { texts: english, others, output } = await read(code, file);
        const header = others.map((group) => `import { load as _w_${group}_ } from '${GROUP}${group}';`);
        if (english.length > 0) {
          header.push(
            `import { textsOf as _w_load_ } from ${runtime('texts.ts')};`,
            `import { texts as _w_group_ } from '${GROUP}${groupOf(file)}';`,
            `const _w_runtime_ = _w_load_(${JSON.stringify(english.map(compile))}, _w_group_, ${await placeOf(file)});`,
          );
        }
        return header.length > 0 ? output(header.join('')) : undefined;
      },
    },
  };
}
