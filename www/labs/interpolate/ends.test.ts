import { describe, expect, it } from 'vitest';

import { fromHash, toHash } from '../../state/url';
import { decodeEnd, encodeEnd, nextDigit, type End } from './ends';

const FALLBACK: End = { kind: 'drawing' };

describe('ends of a path in the address', () => {
  const ends: End[] = [
    { kind: 'drawing' },
    { kind: 'kept', sketch: { strokes: [[0.25, 0.5, 0.75, 0.125]], penWidth: 0.0625 } },
    { kind: 'digit', index: 12, label: 7 },
    { kind: 'digit', index: 0, label: undefined },
  ];

  it('come back exactly, through a whole link', () => {
    for (const end of ends) {
      const hash = toHash({ settings: { interpolate: { from: encodeEnd(end) } } });
      const text = fromHash(hash).settings?.interpolate?.from;
      expect(decodeEnd(text, { kind: 'digit', index: 99, label: 9 })).toEqual(end);
    }
  });

  it('fall back where they make no sense', () => {
    for (const text of [undefined, 3, 'digit-12-0', 'digit-3-x', 'kept-', 'kept-!!', 'drawings', []]) {
      expect(decodeEnd(text, FALLBACK)).toEqual(FALLBACK);
    }
  });

  it('step to another digit', () => {
    expect(nextDigit({ kind: 'drawing' }, 4)).toEqual({ kind: 'digit', index: 0, label: 4 });
    expect(nextDigit({ kind: 'digit', index: 4, label: 4 }, 4)).toEqual({
      kind: 'digit',
      index: 5,
      label: 4,
    });
    expect(nextDigit({ kind: 'digit', index: 4, label: 4 }, undefined)).toMatchObject({ label: undefined });
  });
});
