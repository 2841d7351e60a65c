// A lab's `text.md` reaches the page as HTML made at build time, so no Markdown parser is shipped; `text.de.md` beside it is
// the same in German.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { marked } from 'marked';

const root = join(import.meta.dirname, '../..');

const inHtml = (text) => marked.parse(text, { async: true });

/** The labs' texts in another language, in the order of `placeOf`; 0 for one that has none. */
export function translatedMarkdown(language) {
  return Promise.all(
    markdownFiles().map((file) => {
      const path = join(root, file.replace(/\.md$/, `.${language}.md`));
      return existsSync(path) ? inHtml(readFileSync(path, 'utf8')) : 0;
    }),
  );
}

/** @returns {string[]} named from the project's root */
export function markdownFiles() {
  return readdirSync(join(root, 'www/labs'))
    .map((lab) => `www/labs/${lab}/text.md`)
    .filter((file) => existsSync(join(root, file)))
    .sort();
}

/** @returns {import('vite').Plugin} */
export function markdown() {
  return {
    name: 'markdown',
    async transform(source, id) {
      if (!id.endsWith('.md')) return undefined;
      const html = JSON.stringify(await inHtml(source));
      const place = markdownFiles().findIndex((file) => join(root, file) === id);
      const code =
        process.env.VITEST || place < 0
          ? `export default ${html};`
          : `import { texts } from 'virtual:texts/page'; export default texts.at(-1)?.[${place}] || ${html};`;
      return { code, map: { mappings: '' } };
    },
  };
}
