// How hard a text is to read: its sentences, their words, and the years at school that they ask for.
//
// Whoever reads may take a breath at a full stop, a colon and a semicolon: each ends a sentence here. A formula, a
// number and the place of a value are one word each, however long they are written.

/** Words of the field that a reader of this page learns here: they weigh as much as everyday ones. */
const TERMS =
  /^(?:auto-?encoders?|encoders?|decoders?|variational|latents?|posteriors?|priors?|probabilit(?:y|ies)|probable|distributions?|deviations?|likelihoods?|gaussians?|reconstructions?|standard|evidence|estimat(?:e|es|or|ors|ed)|densit(?:y|ies)|samples?|variables?|gradients?|approximations?|amorti[sz]ation|amorti[sz]ed|reparameteri[sz]ation|disentanglement|information|independent|hamiltonian|metropolis|logarithms?|collapse|conditional|objectives?|variances?|hundreds?|thousands?|dimensions?|linear|seconds?|pixels?)$/;

const SYMBOL = 'x';

/** The text without its markup: formulas, values and elements are one symbol. */
export function plain(text) {
  return text
    .replace(/\$[^$]+\$/g, ` ${SYMBOL} `)
    .replace(/`[^`]+`/g, SYMBOL)
    .replace(/\{[^}]*\}/g, SYMBOL)
    .replace(/<\d+\/>/g, SYMBOL)
    .replace(/<\/?\d+>/g, '')
    .replace(/\[([^\]]+)\](?:\([^)]+\))?/g, '$1')
    .replace(/[_*#]/g, '')
    .replace(/\b([zd])\. (?=[Bh]\.)/g, '$1.')
    .replace(/\s+/g, ' ')
    .trim();
}

/** Points that end nothing. */
const ABBREVIATION = /(?:^|[\s(])(?:e\.g|i\.e|z\. ?B|d\. ?h|et al|vs|cf|No|Nr|Fig|bzw|usw|ca|\p{Lu})\.$/u;

/** @returns {string[]} the sentences of a text, without markup; with `ends` of . ! ? alone, whole ones */
export function sentences(text, ends = '.!?:;…') {
  const found = [];
  let from = 0;
  const whole = plain(text);
  for (const { 0: end, index } of whole.matchAll(new RegExp(`[${ends}]+[”“’")\\]]*(?=\\s|$)`, 'g'))) {
    const to = index + end.length;
    const sentence = whole.slice(from, to);
    if (ABBREVIATION.test(sentence) || /^\s*\d+\.$/.test(sentence)) continue;
    // “Really?” said she, and 3 … 4: what goes on in small letters or numbers after a mark inside is the same sentence.
    if (/[”“’"]$/.test(end) && /^\s*\p{Ll}/u.test(whole.slice(to))) continue;
    found.push(sentence.trim());
    from = to;
  }
  found.push(whole.slice(from).trim());
  return found.filter((sentence) => /[\p{L}\d]/u.test(sentence));
}

/** Whether a piece between two spaces belongs to a formula: a number, a sign, a letter of mathematics. */
const isFormula = (piece) =>
  /\S[√·²=|‖]|[√=‖∑∫]\S/u.test(piece) ||
  (!/\p{L}{2}/u.test(piece.replace(/log|KL|exp|sd|eps/g, '')) &&
    !/^[(“"‘]*(?:[aAI]|’s)[)”"’,.:;!?]*$/u.test(piece));

/** @returns {string[]} the words of a sentence; a formula is the one word `x` */
export function words(sentence) {
  const found = [];
  let after = false;
  for (const piece of plain(sentence).split(/[\s—–]+/)) {
    if (!/[\p{L}\d=+−·×|‖<>≤≥∫Σ]/u.test(piece)) continue;
    if (isFormula(piece)) {
      if (!after) found.push(SYMBOL);
      // A comma ends a formula.
      after = !/[,.:;!?]$/.test(piece);
    } else {
      found.push(piece.replace(/^[^\p{L}\d]+|[^\p{L}\d]+$/gu, ''));
      after = false;
    }
  }
  return found;
}

/** How many words the longest sentence has, and which it is. */
export function longest(text) {
  return sentences(text).reduce(
    (most, sentence) => {
      const { length } = words(sentence);
      return length > most.length ? { length, sentence } : most;
    },
    { length: 0, sentence: '' },
  );
}

/** The syllables of an English word, by its letters; those of the field's terms count as two at most. */
export function syllables(word) {
  const letters = word.toLowerCase().replace(/[’'](?:s|re|t|d|ll|ve)?$/, '');
  if (letters.includes('-'))
    return letters.split('-').reduce((sum, part) => sum + (part ? syllables(part) : 0), 0);
  if (!/[a-z]/.test(letters) || letters === SYMBOL) return 1;
  const groups = letters
    .replace(/[^a-z]/g, '')
    // Letters at the end that are not spoken: make, makes, moved, but not: table, wanted, places.
    .replace(/(?<=[aeiouy].*)(?:(?<![lr])e|(?<=[aeiouyrlw][lr])e|(?<![cgsxz]|sh|ch)es|(?<![td])ed)$/, '')
    .replace(/^y/, 'j')
    // Two vowels that are two syllables.
    .replace(/(?<=i)(?:a|o(?!n|us))|(?<=\b(?:id|ar|cr)e)a|(?<=[^q]u)a(?!i)|(?<=e)o/g, (vowel) => `-${vowel}`)
    .replace(/ier(?=s?$)/, 'i-er')
    .match(/[aeiouy]+/g);
  const count = Math.max(1, groups?.length ?? 1);
  return TERMS.test(letters) ? Math.min(2, count) : count;
}

/** Flesch–Kincaid: the years at school after which a text is read with ease. */
export function grade(text) {
  const all = sentences(text, '.!?…')
    .map(words)
    .filter(({ length }) => length > 0);
  const every = all.flat();
  if (every.length === 0) return 0;
  const spoken = every.reduce((sum, word) => sum + syllables(word), 0);
  return 0.39 * (every.length / all.length) + 11.8 * (spoken / every.length) - 15.59;
}
