import { afterEach, expect, it, vi } from 'vitest';

import { mayBeGone, whyNotOpened } from './notOpened';

afterEach(() => {
  vi.unstubAllGlobals();
});

it('tells what was thrown from what did not come, and blames the network only when there is none', () => {
  const lost = new TypeError('Failed to fetch dynamically imported module: http://127.0.0.1/a.js');
  vi.stubGlobal('navigator', { onLine: true });
  expect(whyNotOpened('This lab', new Error('no such thing'))).toBe('This lab failed to open: no such thing');
  expect(whyNotOpened('The checks', lost)).toMatch(/^The checks could not be fetched\. .* reload it/);
  expect([mayBeGone(lost), mayBeGone(new Error('no such thing'))]).toEqual([true, false]);
  vi.stubGlobal('navigator', { onLine: false });
  expect(whyNotOpened('The checks', lost)).toBe('The checks could not be fetched: this device is offline.');
  expect(mayBeGone(lost)).toBe(false);
  expect(whyNotOpened('The checks', new Error('no such thing'))).toMatch(/failed to open/);
});
