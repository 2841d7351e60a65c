/** The short marks of the Story's texts, taken apart; and numbers put into sentences. */

import { grouped, signed } from '../../components/format';
import { units } from '../../state/units.svelte';
import type { Facts } from './chapter';

export type Piece =
  | { kind: 'plain' | 'stressed' | 'letter' | 'formula'; text: string }
  /** `tail`: the sign that follows, which must not begin a line. */
  | { kind: 'term'; text: string; term: string; tail: string };

const MARK = /\*([^*]+)\*|_([^_]+)_|\$([^$]+)\$|\[([^\]]+)\](?:\(([^)]+)\))?([.,:;!?)]*)/g;

export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(MARK)) {
    if (match.index > from) pieces.push({ kind: 'plain', text: text.slice(from, match.index) });
    const [whole, stressed, letter, formula, words, term, tail = ''] = match;
    if (stressed !== undefined) pieces.push({ kind: 'stressed', text: stressed });
    else if (letter !== undefined) pieces.push({ kind: 'letter', text: letter });
    else if (formula !== undefined) pieces.push({ kind: 'formula', text: formula });
    else if (words !== undefined) pieces.push({ kind: 'term', text: words, term: term ?? words, tail });
    from = match.index + whole.length;
  }
  if (from < text.length) pieces.push({ kind: 'plain', text: text.slice(from) });
  return pieces;
}

/** A number with as many digits as say something: 0.0042, 0.42, 3.70, 152, 2,796, 1.2·10⁹. */
export function plain(value: number): string {
  const size = Math.abs(value);
  if (size > 0 && size < 0.1) return signed(value, Math.min(6, 1 - Math.floor(Math.log10(size))));
  return grouped(value, size >= 100 || Number.isInteger(value) ? 0 : size >= 10 ? 1 : 2);
}

/** Puts the facts where a sentence names them. */
export function fill(sentence: string, facts: Facts): string {
  return sentence.replace(/\{(\w+)(?::(\w+))?\}/g, (_, name: string, form: string | undefined) => {
    const value = facts[name];
    if (typeof value !== 'number') return value ?? '–';
    if (form === 'nats') return `${grouped(units.of(value), 1)} ${units.current}`;
    return form === undefined ? plain(value) : grouped(value, Number(form));
  });
}
