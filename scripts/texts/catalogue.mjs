// The texts of the page in all its languages: `www/locales/<language>.po`, and who asks for which.
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import PO from 'pofile';

import { groupOf } from './groups.mjs';
import { read } from './read.mjs';

export const SOURCE = 'en';
export const TRANSLATED = ['de'];

const root = join(import.meta.dirname, '../..');
/** What the crate says and the catalogue of shipped models: English and the other language. */
export const crateFile = (language) => join(root, `www/locales/crate.${language}.json`);
/** What the crate says of errors, with a place for each value. */
export const errorsFile = (language) => join(root, `www/locales/errors.${language}.json`);
export const poFile = (language) => join(root, `www/locales/${language}.po`);

/** Whether a file, named from the project's root, may hold texts. */
export const mayHoldTexts = (file) =>
  /^www\/.*\.(?:svelte|ts)$/.test(file) && !/\.(?:test|d)\.ts$|^www\/locales\//.test(file);

/** @returns {string[]} in a fixed order, named from the project's root */
export function files() {
  return readdirSync(join(root, 'www'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => posix.relative(root, join(entry.parentPath, entry.name)))
    .filter(mayHoldTexts)
    .sort();
}

/** The files of each group that has texts, with their texts in order. */
export async function groups() {
  const found = new Map();
  for (const file of files()) {
    const { texts, messages } = await read(readFileSync(join(root, file), 'utf8'), file);
    if (texts.length === 0) continue;
    const group = groupOf(file);
    found.set(group, [...(found.get(group) ?? []), { file, texts, messages }]);
  }
  return found;
}

/** @returns {Promise<Map<string, { files: Set<string>, values: Set<string> }>>} every text, by itself */
export async function extract() {
  const all = new Map();
  for (const group of (await groups()).values()) {
    for (const { file, texts, messages } of group) {
      for (const text of texts) {
        if (!all.has(text)) all.set(text, { files: new Set(), values: new Set() });
        all.get(text).files.add(file);
      }
      for (const { msgStr, placeholders } of messages) {
        const known = all.get(oneLine(msgStr[0]));
        for (const [at, code] of placeholders) known?.values.add(`{${at}}: ${oneLine(code).trim()}`);
      }
    }
  }
  return all;
}

/** Line breaks of the sources are none of the text. */
export const oneLine = (text) => text.replace(/\s*\n\s*/g, ' ');

export function load(language) {
  return PO.parse(readFileSync(poFile(language), 'utf8'));
}

/** @returns {Map<string, string>} what has been translated */
export function translations(language) {
  return new Map(
    load(language)
      .items.filter((item) => !item.obsolete && !item.flags.fuzzy && item.msgstr[0])
      .map((item) => [item.msgid, item.msgstr[0]]),
  );
}

/** The places of a text: its values and elements, whichever way round; formulas too, but for their decimal marks. */
export function places(text) {
  return (text.match(/\{\d+\}|<\/?\d+\/?>|\{[a-z]\w*(?::\w+)?\}|\$[^$]+\$/gi) ?? [])
    .map((place) => place.replace(/(\d),(?=\d)/g, '$1.'))
    .sort()
    .join(' ');
}

/** A catalogue of these texts, with the translations there are, as it is written. */
export function catalogue(language, texts, known) {
  const po = new PO();
  po.headers = {
    Language: language,
    'MIME-Version': '1.0',
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Transfer-Encoding': '8bit',
  };
  const sorted = [...texts].sort(([, a], [, b]) => {
    const [first, second] = [[...a.files][0], [...b.files][0]];
    return first < second ? -1 : first > second ? 1 : 0;
  });
  for (const [text, { files: references, values }] of sorted) {
    const item = new PO.Item();
    item.msgid = text;
    item.msgstr = [language === SOURCE ? text : (known.get(text) ?? '')];
    item.references = [...references];
    item.extractedComments = [...values];
    po.items.push(item);
  }
  return `${po.toString().trimEnd()}\n`;
}
