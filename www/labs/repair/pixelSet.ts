/** Some of the 784 pixels as a short text for the address. */

import { PIXELS } from '../../engine/protocol';

/** Text that is never read as a number. */
const MARK = 'p';

/** A bit a pixel, in base64url; undefined for none. */
export function encodePixels(set: ArrayLike<number>): string | undefined {
  const bytes = new Uint8Array(PIXELS / 8);
  for (let pixel = 0; pixel < PIXELS; pixel++) {
    if (set[pixel]) bytes[pixel >> 3] = (bytes[pixel >> 3] ?? 0) | (1 << (pixel & 7));
  }
  const length = bytes.findLastIndex((byte) => byte !== 0) + 1;
  if (length === 0) return undefined;
  const text = btoa(String.fromCharCode(...bytes.subarray(0, length)));
  return MARK + text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** 1 for each pixel of the set, else 0; undefined where the text is no such set. */
export function decodePixels(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^p[\w-]+$/.test(text)) return undefined;
  let bytes: string;
  try {
    bytes = atob(text.slice(MARK.length).replaceAll('-', '+').replaceAll('_', '/'));
  } catch {
    return undefined;
  }
  if (bytes.length > PIXELS / 8) return undefined;
  return Uint8Array.from({ length: PIXELS }, (_, pixel) => (bytes.charCodeAt(pixel >> 3) >> (pixel & 7)) & 1);
}
