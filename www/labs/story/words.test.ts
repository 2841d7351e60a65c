import { describe, expect, it } from 'vitest';

import { chapters } from './chapters';
import { entryOf } from './glossary';
import { fill, piecesOf, plain } from './words';

describe('the marks of texts', () => {
  it('are taken apart', () => {
    expect(piecesOf('A *new* _x_ of $p(x)$, the [guess](encoder) and the [KL].')).toEqual([
      { kind: 'plain', text: 'A ' },
      { kind: 'stressed', text: 'new' },
      { kind: 'plain', text: ' ' },
      { kind: 'letter', text: 'x' },
      { kind: 'plain', text: ' of ' },
      { kind: 'formula', text: 'p(x)' },
      { kind: 'plain', text: ', the ' },
      { kind: 'term', text: 'guess', term: 'encoder', tail: '' },
      { kind: 'plain', text: ' and the ' },
      { kind: 'term', text: 'KL', term: 'KL', tail: '.' },
    ]);
  });

  it('become sentences with numbers', () => {
    expect(fill('{a} of {b:1}, {kind}, {c:nats}', { a: 12, b: 0.25, kind: 'wide', c: -3.14 })).toBe(
      '12 of 0.3, wide, −3.1 nats',
    );
    expect([0, 0.00421, 0.42, 37.123, 152.4, -2796, 1.2e9].map(plain)).toEqual([
      '0',
      '0.0042',
      '0.42',
      '37.1',
      '152',
      '−2,796',
      '1.2·10⁹',
    ]);
  });
});

describe('the chapters', () => {
  it('have each a number of its own', () => {
    const numbers = chapters.map(({ number }) => number);
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  it.each(chapters.map((chapter) => [chapter.number, chapter] as const))(
    'number %i names terms that the glossary has',
    (_, { lead, text, why, task, question }) => {
      const steps = why?.steps ?? [];
      for (const paragraph of [lead, ...text, ...steps, task, question.ask, question.reveal]) {
        for (const piece of piecesOf(paragraph)) {
          if (piece.kind === 'term') expect(entryOf(piece.term), piece.term).toBeDefined();
        }
      }
    },
  );
});
