import { describe, expect, it } from 'vitest';

import { gunzip, idxCount, idxKind, idxSlice } from './idx';

function images(count: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(16 + count * 784);
  const view = new DataView(bytes.buffer);
  [0x803, count, 28, 28].forEach((value, at) => {
    view.setUint32(4 * at, value);
  });
  for (let image = 0; image < count; image += 1) bytes.fill(image, 16 + image * 784, 16 + (image + 1) * 784);
  return bytes;
}

function labels(count: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(8 + count);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x801);
  view.setUint32(4, count);
  for (let at = 0; at < count; at += 1) bytes[8 + at] = at % 10;
  return bytes;
}

describe('IDX files', () => {
  it('are told apart by what they hold', () => {
    expect(idxKind(images(3))).toBe('images');
    expect(idxKind(labels(3))).toBe('labels');
    expect(idxKind(new TextEncoder().encode('a letter to the editor'))).toBeUndefined();
    expect(idxKind(new Uint8Array(3))).toBeUndefined();
    expect(idxCount(images(7))).toBe(7);
  });

  it('are cut into files of their own', () => {
    const cut = idxSlice(images(10), 'images', 7, 10);
    expect(cut.length).toBe(16 + 3 * 784);
    expect(idxKind(cut)).toBe('images');
    expect(idxCount(cut)).toBe(3);
    expect(cut[16]).toBe(7);
    expect(cut.at(-1)).toBe(9);
    expect([...idxSlice(labels(10), 'labels', 7, 10).subarray(8)]).toEqual([7, 8, 9]);
  });
});

describe('gzip', () => {
  it('is unpacked, and plain bytes are left alone', async () => {
    const plain = labels(50);
    const packed = new Response(new Blob([plain]).stream().pipeThrough(new CompressionStream('gzip')));
    expect(await gunzip(new Uint8Array(await packed.arrayBuffer()))).toEqual(plain);
    expect(await gunzip(plain)).toBe(plain);
  });

  it('that is cut short is refused with a sentence', async () => {
    const packed = new Response(new Blob([images(20)]).stream().pipeThrough(new CompressionStream('gzip')));
    const bytes = new Uint8Array(await packed.arrayBuffer());
    await expect(gunzip(bytes.slice(0, bytes.length - 20))).rejects.toThrow('damaged or cut short');
  });
});
