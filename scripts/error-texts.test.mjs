// What the crate says of errors, the page says in every language.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { errorsFile, TRANSLATED } from './texts/catalogue.mjs';

/** What stands before the message of an error. */
const MAKES_ERROR = /(?:\bError::(\w+)\(\s*(?:format!\(\s*)?|#\[(error)\()$/;

/**
 * The kinds that a visitor can meet. The others, arrays of the wrong length and arguments that the page never gives, are
 * for whoever writes such calls.
 */
const FOR_VISITORS = ['data', 'checkpoint', 'Unsupported', 'NonFinite', 'error'];
/** These arguments may come from a checkpoint or from a visitor's choice. */
const OF_OPTIONS = ['models/registry.rs', 'options.rs', 'priors/choice.rs', 'train/options.rs'];
/** No lab calls these. */
const NOT_ON_PAGE = ['bin/', 'latent/disentanglement/', 'quality/'];

const crate = join(import.meta.dirname, '../src');

/** Every string of the crate outside its tests, and the kind of error whose message it is. */
const strings = readdirSync(crate, { recursive: true })
  .filter((file) => file.endsWith('.rs') && !/\btests\b/.test(file))
  .flatMap((file) => {
    const [code] = readFileSync(join(crate, file), 'utf8').split(/^#\[cfg\(test\)\]\s*mod \w+ \{/m);
    return [...code.matchAll(/\/\/.*|r#"[^]*?"#|'\\?.'|"((?:[^"\\]|\\[^])*)"/g)]
      .filter(([, literal]) => literal !== undefined)
      .map(({ 1: literal, index }) => {
        const [, constructor, attribute] = MAKES_ERROR.exec(code.slice(0, index)) ?? [];
        return { file, text: unescaped(literal), kind: constructor ?? attribute };
      });
  });

/** What a literal says; a backslash at the end of a line joins it to the next. */
function unescaped(literal) {
  return literal.replace(/\\(?:\n\s*|(.))/g, (_, one = '') => (one === 'n' ? '\n' : one));
}

const forVisitors = strings
  .filter(({ file }) => !NOT_ON_PAGE.some((folder) => file.startsWith(folder)))
  .filter(({ file, kind }) => (kind === 'argument' ? OF_OPTIONS.includes(file) : FOR_VISITORS.includes(kind)))
  .map(({ text }) => text)
  // A value alone is the message of another error.
  .filter((text) => !/^\{\w*\}$/.test(text));

/** How many values a message has. */
const places = (text) => text.match(/\{[^{}]*\}/g)?.length ?? 0;

for (const language of TRANSLATED) {
  const translations = JSON.parse(readFileSync(errorsFile(language), 'utf8'));

  test(`every message that a visitor can meet is translated (${language})`, () => {
    assert.deepEqual(
      [...new Set(forVisitors)].filter((text) => !translations[text]),
      [],
    );
  });

  test(`the crate still says what is translated (${language})`, () => {
    const said = new Set(strings.map(({ text }) => text));
    assert.deepEqual(
      Object.keys(translations).filter((text) => !said.has(text)),
      [],
    );
  });

  test(`a translation has places only for values that there are (${language})`, () => {
    const wrong = Object.entries(translations).filter(([text, translation]) =>
      [...translation.matchAll(/\{([^{}]*)\}/g)].some(([, place]) => !(Number(place) < places(text))),
    );
    assert.deepEqual(wrong, []);
  });
}
