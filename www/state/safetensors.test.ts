import { describe, expect, it } from 'vitest';

import { readCodes } from './safetensors';

function file(header: object, data: number[]): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

const mean = [...new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer)];

describe('readCodes', () => {
  it('reads means and labels, whatever the alignment', () => {
    for (const pad of ['', ' ', '  ', '   ']) {
      const codes = readCodes(
        file(
          {
            __metadata__: { pad },
            mean: { dtype: 'F32', shape: [2, 2], data_offsets: [0, 16] },
            label: { dtype: 'U8', shape: [2], data_offsets: [16, 18] },
          },
          [...mean, 7, 9],
        ),
      );
      expect(Array.from(codes.mean)).toEqual([1, 2, 3, 4]);
      expect(Array.from(codes.label)).toEqual([7, 9]);
      expect([codes.count, codes.latents]).toEqual([2, 2]);
    }
  });

  it('refuses missing tensors and numbers that differ', () => {
    const entry = { dtype: 'F32', shape: [2, 2], data_offsets: [0, 16] };
    expect(() => readCodes(file({ mean: entry }, mean))).toThrow('label');
    expect(() =>
      readCodes(
        file({ mean: entry, label: { dtype: 'U8', shape: [3], data_offsets: [16, 19] } }, [...mean, 1, 2, 3]),
      ),
    ).toThrow('differ');
  });
});
