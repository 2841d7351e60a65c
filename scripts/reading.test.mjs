// Everything that the page says can be read at seventeen by someone whose first language is another.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import ts from 'typescript';

import { crateFile, extract, translations } from './texts/catalogue.mjs';
import { markdownFiles } from './texts/markdown.mjs';
import { grade, longest, plain, sentences, syllables, words } from './texts/reading.mjs';

const root = join(import.meta.dirname, '..');
const readText = (file) => readFileSync(join(root, file), 'utf8');

/** Plain English has 15 to 20 words a sentence; one much longer must be read twice. */
const MOST_WORDS = 23;
/** German writes its compounds in one word, and splits its verbs. */
const MOST_GERMAN_WORDS = 23;
/** Of a whole text. Who is seventeen is in grade 11 or 12, in a language of their own. */
const HIGHEST_GRADE = 7;

const crate = JSON.parse(readFileSync(crateFile('de'), 'utf8'));
const page = await extract();
const lab = (file) => file.split('/').at(-2);
const paragraphs = (file) => readText(file).split(/\n{2,}/);

/** Every text in English and where it stands. */
const english = [
  ...[...page].map(([text, { files }]) => ({ text, place: [...files].join(', ') })),
  ...markdownFiles().flatMap((file) => paragraphs(file).map((text) => ({ text, place: file }))),
  ...Object.keys(crate).map((text) => ({ text, place: 'the crate or the catalogue of models' })),
];

const german = [
  ...[...translations('de').values()].map((text) => ({ text, place: 'www/locales/de.po' })),
  ...markdownFiles()
    .map((file) => file.replace(/\.md$/, '.de.md'))
    .flatMap((file) => paragraphs(file).map((text) => ({ text, place: file }))),
  ...Object.values(crate).map((text) => ({ text, place: 'www/locales/crate.de.json' })),
];

/** The lead and the paragraphs of a chapter of the Story, by its source. */
function chapter(file) {
  const found = [];
  const visit = (node) => {
    if (ts.isPropertyAssignment(node) && ['lead', 'text'].includes(node.name.getText())) {
      const parts = ts.isArrayLiteralExpression(node.initializer)
        ? node.initializer.elements
        : [node.initializer];
      found.push(...parts.map((part) => part.text));
    } else ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, readText(file), ts.ScriptTarget.Latest, true));
  return found.join(' ');
}

const chapters = readdirSync(join(root, 'www/labs/story/chapters'))
  .sort()
  .map((file) => ({ place: `chapter ${file}`, text: chapter(`www/labs/story/chapters/${file}`) }));
const labs = markdownFiles().map((file) => ({ place: `lab ${lab(file)}`, text: readText(file) }));

/** What a text is called in a message. */
const quoted = ({ text, place }) => `${place}: ${text}`;

test('a sentence is a breath: it ends at a point, a colon or a semicolon, not within a number or a name', () => {
  assert.deepEqual(sentences('One code. Two codes: a mean; and 1.4 nats! Why?'), [
    'One code.',
    'Two codes:',
    'a mean;',
    'and 1.4 nats!',
    'Why?',
  ]);
  assert.deepEqual(sentences('Gap (Chen et al. 2018) of z. B. zwei Codes.'), [
    'Gap (Chen et al. 2018) of z.B. zwei Codes.',
  ]);
  assert.deepEqual(sentences('Press “Again!” as often as you like.'), [
    'Press “Again!” as often as you like.',
  ]);
  assert.deepEqual(sentences('1. A code from the prior'), ['1. A code from the prior']);
  assert.deepEqual(sentences('{0} %'), ['x %']);
});

test('a formula and a value are one word', () => {
  assert.equal(
    plain('A [code](latent) of *two* numbers, $KL(q ‖ p)$, in {0}'),
    'A code of two numbers, x , in x',
  );
  const counted = {
    'A digit is drawn': 4,
    'log p(x) is a mean': 4,
    'KL(q(z|x) ‖ p(z)) is never below 0': 5,
    'The number $p(x) = \\int p(x|z) p(z) dz$ is tiny': 5,
    'Propose √(1−size²)·z + size·eps, a step': 4,
    'between {0} and {1} {2}': 4,
    'the encoder’s <0>mean</0>, held-out': 4,
  };
  for (const [sentence, count] of Object.entries(counted)) {
    assert.equal(words(sentence).length, count, `${sentence}: ${words(sentence).join(' | ')}`);
  }
});

test('syllables are counted by the letters of a word', () => {
  const counted = {
    make: 1,
    makes: 1,
    moved: 1,
    wanted: 2,
    table: 2,
    places: 2,
    boxes: 2,
    picture: 2,
    idea: 3,
    higher: 2,
    earlier: 3,
    area: 3,
    create: 2,
    whole: 1,
    same: 1,
    nobody: 3,
    'held-out': 2,
    'encoder’s': 2,
    // Words of the field are no harder than others.
    variational: 2,
    probability: 2,
    autoencoder: 2,
    extraordinary: 5,
  };
  for (const [word, count] of Object.entries(counted)) assert.equal(syllables(word), count, word);
});

test('the grade rises with the length of words and of sentences', () => {
  // 0.39 · 6 words + 11.8 · 1 syllable − 15.59.
  assert.ok(Math.abs(grade('The cat sat on the mat.') + 1.45) < 0.01);
  // 0.39 · 11 + 11.8 · 14/11 − 15.59.
  assert.ok(Math.abs(grade('You draw one code, and the network turns it into pictures.') - 3.72) < 0.01);
  const bureaucratic =
    'Notwithstanding considerable methodological heterogeneity, contemporary investigators predominantly ' +
    'characterise generative architectures through comprehensive quantitative examination.';
  assert.ok(grade(bureaucratic) > 20);
  // A colon ends a sentence for whoever takes a breath, not for Flesch and Kincaid.
  assert.equal(grade('One two: three four.'), grade('One two three four.'));
  assert.equal(longest('Short. This one has five words.').length, 5);
  assert.equal(longest('Short. This one has five words.').sentence, 'This one has five words.');
});

for (const [language, texts, most] of [
  ['en', english, MOST_WORDS],
  ['de', german, MOST_GERMAN_WORDS],
]) {
  test(`no sentence has more than ${most} words (${language})`, () => {
    const wrong = texts
      .map(({ text, place }) => ({ place, ...longest(text) }))
      .filter(({ length }) => length > most)
      .map(({ place, length, sentence }) => `${place}: ${length} words: ${sentence}`);
    assert.deepEqual(wrong, [], 'make two sentences of each');
  });
}

test(`the labs' texts and the Story's chapters are of grade ${HIGHEST_GRADE} or below`, () => {
  assert.ok(chapters.length >= 25 && chapters.every(({ text }) => text.length > 200));
  const wrong = [...labs, ...chapters]
    .filter(({ text }) => grade(text) > HIGHEST_GRADE)
    .map(({ place, text }) => `${place}: grade ${grade(text).toFixed(1)}`);
  assert.deepEqual(wrong, [], 'shorter sentences, shorter words');
});

/** Riddles, pictures of speech and mistakes that were mended: none may come back. */
const MENDED = [
  /left to the coins/i,
  /alike \/ as trained \/ astray/i,
  /has its country/i,
  /nats? of surprise|the surprise at/i,
  /fitted at once/i,
  /gap to the truth|from the truth|of the truth/i,
  /\bdear\b/i,
  /falls? silent/i,
  /stop(?:ped)? being finite/i,
  /has to be believed/i,
  /weights, optimiser and position/i,
  /same story|different stories/i,
  /gives? the (?:drawing|image|digit) back/i,
  /feels? (?:its|their) way/i,
  /\bcreeps?\b/i,
  /worth (?:its|their|the) price/i,
  /\bbuys?\b/i,
  /where they like/i,
  /less than nothing|next to nothing/i,
  /wide of the mark/i,
  /taken apart/i,
  /\bdrowned\b/i,
  /runs away/i,
  /\bpa(?:ys?|id) (?:for|all)\b(?! in advance)/i,
  /in one go/i,
  /warm-up and all/i,
  /thin sheet/i,
  /pulls? in two directions/i,
  /to stay honest/i,
  /ten leapfrogs/i,
  /\bpunish/i,
  /\bstrays?\b/i,
  /\bmakes way\b/i,
  // What is wrong, not only hard.
  /binary pixels/i,
  /trained to raise/i,
  /adds up what both/i,
  /where digits are typical/i,
  /\bdisentangled\b/i,
  /sum of the two over all codes/i,
  /than there are atoms/i,
  /density (?:is|now): above 0/i,
];

test('riddles that were mended do not come back', () => {
  const wrong = english.flatMap((one) =>
    MENDED.filter((riddle) => riddle.test(one.text)).map((riddle) => `${riddle} in ${quoted(one)}`),
  );
  assert.deepEqual(wrong, [], 'say it in plain words');
});

/** The one name of a thing, and names that the page does not use for it. The glossary lists what others call it. */
const NAMES = [
  ['latent', /\blatent (?:dimension|space|factor|unit|feature)s?\b/i],
  ['code', /\b(?:embedding|representation|latent vector|bottleneck)s?\b/i],
  ['unit normal', /\bstandard (?:normal|Gaussian)\b/i],
  ['log p(x)', /\b(?:log[- ]evidence|log[- ]marginal|marginal likelihood)\b/i],
  ['reconstruction cost', /\breconstruction (?:loss|error|term)s?\b/i],
  ['importance weighted', /\bimportance-weighted\b/i],
  ['held-out', /\b(?:validation|hold-?out|heldout)\b/i],
  ['batch', /\bmini-?batch(?:es)?\b/i],
  ['learning rate', /\blearning (?:speed|step)\b/i],
  ['exact value', /\btrue (?:value|log p)|\bground truth\b|\bthe truth\b/i],
  ['on average', /\bon the average\b|\bin the mean\b/i],
  ['most probable', /\b(?:likeliest|likelier|most likely|plausible)\b/i],
  ['grey', /\bgr[a]y(?:scale)?\b|\bgreyscale\b/i],
  ['colour', /\bcolor/i],
  ['the spelling with s', /\b(?:amorti|reparameteri|binari|normali|optimi|regulari|visuali)z/i],
];

test('one thing has one name', () => {
  const wrong = english
    .filter(({ place }) => !place.endsWith('/glossary.ts'))
    .flatMap((one) =>
      NAMES.filter(([, other]) => other.test(one.text)).map(
        ([name]) => `“${name}” it is, not: ${quoted(one)}`,
      ),
    );
  assert.deepEqual(wrong, []);
});
