// Everything that the page says, it can say in every language.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import * as engine from '../pkg/latent_canvas.js';
import {
  catalogue,
  crateFile,
  errorsFile,
  extract,
  load,
  places,
  poFile,
  SOURCE,
  TRANSLATED,
  translations,
} from './texts/catalogue.mjs';
import { markdownFiles } from './texts/markdown.mjs';
import { read } from './texts/read.mjs';

const root = join(import.meta.dirname, '..');
const texts = await extract();

test('the catalogues are those of the sources', () => {
  for (const language of [SOURCE, ...TRANSLATED]) {
    const fresh = catalogue(language, texts, language === SOURCE ? new Map() : translations(language));
    const isFresh = readFileSync(poFile(language), 'utf8') === fresh;
    assert.ok(isFresh, `www/locales/${language}.po is out of date: npm run texts`);
  }
});

for (const language of TRANSLATED) {
  test(`every text has a translation (${language})`, () => {
    const known = translations(language);
    assert.deepEqual(
      [...texts.keys()].filter((text) => !known.get(text)),
      [],
    );
    const doubtful = load(language).items.filter(({ flags, obsolete }) => flags.fuzzy || obsolete);
    assert.deepEqual(
      doubtful.map(({ msgid }) => msgid),
      [],
    );
  });

  test(`a translation has the places of its text (${language})`, () => {
    for (const [text, translation] of translations(language)) {
      assert.equal(places(translation), places(text), `${text}\n${translation}`);
    }
  });

  test(`a translation is written as its language is (${language})`, () => {
    const inJson = [crateFile(language), errorsFile(language)].flatMap((file) =>
      Object.values(JSON.parse(readFileSync(file, 'utf8'))),
    );
    const inMarkdown = markdownFiles().map((file) =>
      readFileSync(join(root, file.replace(/\.md$/, `.${language}.md`)), 'utf8'),
    );
    const said = [...translations(language).values(), ...inJson, ...inMarkdown];
    assert.deepEqual(
      said.filter((text) => /”|(?<!„[^“]*)“|\s-\s/.test(text)),
      [],
    );
    assert.deepEqual(said.filter(hasForeignNumber), []);
  });

  test(`the Story explains the terms that it marks (${language})`, () => {
    const known = translations(language);
    const glossary = readFileSync(join(root, 'www/labs/story/glossary.ts'), 'utf8');
    const names = new Set(
      [...glossary.matchAll(/names: \[([^\]]*)\]/g)]
        .flatMap(([, list]) => [...list.matchAll(/'([^']+)'/g)])
        .map(([, name]) => (known.get(name) ?? name).toLowerCase()),
    );
    const unknown = [];
    for (const [text, { files }] of texts) {
      if (![...files].some((file) => file.includes('/story/chapters/'))) continue;
      // Formulas have brackets of their own.
      const marked = (known.get(text) ?? text).matchAll(/(?<!_q)\[([^\]]+)\](?:\(([^)]+)\))?/g);
      for (const [, words, term = words] of marked) {
        if (!names.has(term.toLowerCase())) unknown.push(`${term}: ${text}`);
      }
    }
    assert.deepEqual(unknown, []);
  });

  test(`what the crate and the catalogue of models say is translated (${language})`, () => {
    const known = JSON.parse(readFileSync(crateFile(language), 'utf8'));
    const said = new Set(crateTexts());
    assert.deepEqual(
      [...said].filter((text) => !known[text]),
      [],
      'no translation',
    );
    assert.deepEqual(
      Object.keys(known).filter((text) => !said.has(text)),
      [],
      'said no more',
    );
  });

  test(`every lab's text is there (${language})`, () => {
    const missing = markdownFiles().filter(
      (file) => !existsSync(join(root, file.replace(/\.md$/, `.${language}.md`))),
    );
    assert.deepEqual(missing, []);
  });
}

/** No language but English writes 0.5, or 2,000: decimals follow a comma, thousands a narrow no-break space. */
function hasForeignNumber(text) {
  const numbers = text.replaceAll('Apache-2.0', '').replace(/\b(?:19|20)\d\d\b/g, 'a year');
  return /\d\.\d|\d[,\u0020\u00a0]000\b|[1-9][\u0020\u00a0]\d{3}\b|(?<![\d,])\d{4}/.test(numbers);
}

/** Every word for people in the options of models and of training, and in the catalogue of shipped models. */
function* crateTexts() {
  engine.initSync({ module: readFileSync(join(root, 'pkg/latent_canvas_bg.wasm')) });
  const families = engine.modelFamilies();
  for (const { label, description } of families) yield* [label, description];
  for (const spec of [...families.flatMap(({ parameters }) => parameters), ...engine.trainParameters()]) {
    yield* [spec.label, spec.description];
    if (spec.unit && spec.unit !== 'nats') yield spec.unit;
    for (const { label, description } of spec.texts ?? []) yield* [label, description];
  }
  const { models } = JSON.parse(readFileSync(join(root, 'www/public/models/index.json'), 'utf8'));
  for (const { label, description, data, nllEstimator } of models) {
    yield* [label, description, data];
    if (nllEstimator) yield nllEstimator;
  }
}

test('texts are told from names, keys, styles and drawings', async () => {
  const source = `
    const STYLE = '1px solid', PATH = 'M1,0A1,1 0 1 1 -1,0', key = 'ArrowLeft';
    export const lab = { id: 'draw', title: 'Draw', text: 'A digit, 0 to 9.', unit: 'pixels' };
    export function say(n, unit) {
      if (unit === 'Enter key') console.warn('Not for people');
      if (n < 0) throw new Error(\`There are no \${n} digits.\`);
      return \`\${n} \${n === 1 ? 'step' : 'steps'} of \${unit}\`;
    }`;
  const { texts: found } = await read(source, 'www/labs/some/example.ts');
  assert.deepEqual(found.sort(), [
    'A digit, 0 to 9.',
    'Draw',
    'There are no {0} digits.',
    'pixels',
    'step',
    'steps',
    '{0} {1} of {2}',
  ]);
});

test('a component asks for its texts by number, with its values and elements', async () => {
  const source = '<p title="Of steps">{n} of <b>many</b> steps</p>';
  const { texts: found, output } = await read(source, 'www/labs/some/Example.svelte');
  assert.deepEqual(found, ['Of steps', '{0} of <0>many</0> steps']);
  assert.match(output('').code, /title=\{_w_runtime_\(0\)\}/);
});
