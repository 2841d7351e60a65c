import { describe, expect, it } from 'vitest';

import { placeBubble, type Box } from './bubble';

const WINDOW = { width: 1000, height: 800 };
const SIZE = { width: 300, height: 100 };
const word: Box = { left: 700, top: 400, width: 60, height: 20 };

function covers(place: { left: number; top: number }, box: Box): boolean {
  return (
    place.left < box.left + box.width &&
    box.left < place.left + SIZE.width &&
    place.top < box.top + box.height &&
    box.top < place.top + SIZE.height
  );
}

describe('a help bubble', () => {
  it('stands above its word, in the middle', () => {
    expect(placeBubble(word, SIZE, [], WINDOW)).toEqual({ left: 580, top: 292 });
  });

  it('stands below where there is no room above', () => {
    expect(placeBubble({ ...word, top: 20 }, SIZE, [], WINDOW)).toEqual({ left: 580, top: 48 });
  });

  it('goes where it covers no number, near its word', () => {
    const numbers = [350, 380, 400, 430, 460].map((top) => ({ left: 860, top, width: 60, height: 20 }));
    const place = placeBubble(word, SIZE, numbers, WINDOW);
    for (const number of [...numbers, word]) expect(covers(place, number)).toBe(false);
    expect(Math.abs(place.top - word.top)).toBeLessThan(140);
  });

  it('stays in a window that is hardly larger than itself', () => {
    const place = placeBubble({ left: 5, top: 60, width: 50, height: 20 }, SIZE, [], {
      width: 310,
      height: 150,
    });
    expect(place.left).toBe(8);
    expect(place.top).toBeGreaterThanOrEqual(8);
    expect(place.top).toBeLessThanOrEqual(42);
  });
});
