/** The two ends of a path: what each can be, and how the address spells it. */

import type { ParameterValue } from '../../engine/protocol';
import type { Sketch } from '../../state/drawing.svelte';
import { tellUnusable } from '../../state/settings';
import { decodeSketch, encodeSketch } from '../../state/url';

export type End =
  /** The drawing above, as it is at any moment. */
  | { kind: 'drawing' }
  /** A drawing kept as it was. */
  | { kind: 'kept'; sketch: Sketch }
  /** A built-in digit: the one with this index of the page's seed, of one class or of any. */
  | { kind: 'digit'; index: number; label: number | undefined };

const LARGEST_INDEX = 1_000_000;

export function encodeEnd(end: End): string {
  switch (end.kind) {
    case 'drawing':
      return 'drawing';
    case 'kept':
      return `kept-${encodeSketch(end.sketch)}`;
    case 'digit':
      return `digit-${end.label === undefined ? 'any' : String(end.label)}-${String(end.index)}`;
  }
}

export function decodeEnd(text: ParameterValue | undefined, fallback: End): End {
  if (text === undefined) return fallback;
  const end = readEnd(String(text));
  if (!end) tellUnusable('end of the path', `“${String(text).slice(0, 40)}”`, 'as in a fresh page');
  return end ?? fallback;
}

function readEnd(text: string): End | undefined {
  if (text === 'drawing') return { kind: 'drawing' };
  if (text.startsWith('kept-')) {
    const sketch = decodeSketch(text.slice('kept-'.length));
    return sketch ? { kind: 'kept', sketch } : undefined;
  }
  const digit = /^digit-(any|\d)-(\d{1,7})$/.exec(text);
  if (!digit) return undefined;
  const index = Math.min(LARGEST_INDEX, Number(digit[2]));
  return { kind: 'digit', index, label: digit[1] === 'any' ? undefined : Number(digit[1]) };
}

/** Another digit in place of the present end. */
export function nextDigit(end: End, label: number | undefined): End {
  return { kind: 'digit', index: end.kind === 'digit' ? (end.index + 1) % LARGEST_INDEX : 0, label };
}
