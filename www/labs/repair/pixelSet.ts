/** Some of the 784 pixels as a short text for the address. */

import { PIXELS } from '../../engine/protocol';
import { fromBase64url, toBase64url } from '../../state/base64url';

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
  return MARK + toBase64url(bytes.subarray(0, length));
}

/** 1 for each pixel of the set, else 0; undefined where the text is no such set. */
export function decodePixels(text: string): Uint8Array<ArrayBuffer> | undefined {
  const bytes = text.startsWith(MARK) ? fromBase64url(text.slice(MARK.length)) : undefined;
  if (!bytes || bytes.length > PIXELS / 8) return undefined;
  return Uint8Array.from({ length: PIXELS }, (_, pixel) => ((bytes[pixel >> 3] ?? 0) >> (pixel & 7)) & 1);
}
