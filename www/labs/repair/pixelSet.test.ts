import { expect, test } from 'vitest';

import { PIXELS } from '../../engine/protocol';
import { decodePixels, encodePixels } from './pixelSet';

test('a set of pixels comes back from its text', () => {
  for (const pixels of [[0], [783], [7, 8, 400, 401], Array.from({ length: PIXELS }, (_, at) => at)]) {
    const set = new Uint8Array(PIXELS);
    for (const pixel of pixels) set[pixel] = 1;
    const text = encodePixels(set);
    expect(text).toMatch(/^p[\w-]+$/);
    expect(decodePixels(text ?? '')).toEqual(set);
  }
});

test('no pixel needs no text', () => {
  expect(encodePixels(new Uint8Array(PIXELS))).toBeUndefined();
});

test('what is no set is refused', () => {
  for (const text of ['', 'p', 'AAAA', 'p!', `p${'A'.repeat(200)}`, 'pAAAAA']) {
    expect(decodePixels(text)).toBeUndefined();
  }
});
