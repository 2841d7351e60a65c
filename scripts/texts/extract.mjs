// Brings the catalogues up to date with the sources: `npm run texts`. Translations are kept; a text that no source has
// any more is dropped with them. A second argument names a JSON file of translations to add: { language: { text: text } }.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

import { catalogue, extract, poFile, SOURCE, TRANSLATED, translations } from './catalogue.mjs';

const [added] = process.argv.slice(2);
const given = added ? JSON.parse(readFileSync(added, 'utf8')) : {};
const texts = await extract();
writeFileSync(poFile(SOURCE), catalogue(SOURCE, texts, new Map()));
for (const language of TRANSLATED) {
  const known = existsSync(poFile(language)) ? translations(language) : new Map();
  for (const [text, translation] of Object.entries(given[language] ?? {})) {
    if (texts.has(text)) known.set(text, translation);
    else console.warn(`No source has: ${text}`);
  }
  writeFileSync(poFile(language), catalogue(language, texts, known));
  const left = [...texts.keys()].filter((text) => !known.get(text)).length;
  console.log(`${language}: ${texts.size} texts, ${left} not translated`);
}
