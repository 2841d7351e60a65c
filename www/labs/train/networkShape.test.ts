import { describe, expect, it } from 'vitest';

import { networkShape } from './networkShape';

function file(shapes: Readonly<Record<string, number[]>>): Uint8Array {
  const entries = Object.entries(shapes).map(([name, shape]) => [name, { dtype: 'F32', shape }]);
  const header = new TextEncoder().encode(
    JSON.stringify({ ...Object.fromEntries(entries), __metadata__: { spec: '{}' } }),
  );
  const bytes = new Uint8Array(8 + header.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
  bytes.set(header, 8);
  return bytes;
}

describe('the shape of a network', () => {
  it('is read from its weights, layer by layer', () => {
    const shape = networkShape(
      file({
        'decoder.0.bias': [64],
        'decoder.0.weight': [64, 2],
        'decoder.logits.bias': [784],
        'decoder.logits.weight': [784, 64],
        'encoder.0.bias': [100],
        'encoder.0.weight': [100, 784],
        'encoder.1.bias': [64],
        'encoder.1.weight': [64, 100],
        'encoder.log_var.bias': [2],
        'encoder.log_var.weight': [2, 64],
        'encoder.mean.bias': [2],
        'encoder.mean.weight': [2, 64],
      }),
      784,
      2,
    );
    expect(shape).toEqual({
      encoder: [784, 100, 64],
      outputs: [
        { name: 'means', size: 2 },
        { name: 'log-variances', size: 2 },
      ],
      latents: 2,
      decoder: [64, 784],
      parameters: 784 * 100 + 100 + 100 * 64 + 64 + 2 * (64 * 2 + 2) + 2 * 64 + 64 + 64 * 784 + 784,
    });
  });

  it('of a linear model has a decoder without hidden layers, and no encoder', () => {
    const shape = networkShape(file({ 'decoder.weight': [784, 3], 'decoder.bias': [784] }), 784, 3);
    expect(shape).toEqual({ encoder: [], outputs: [], latents: 3, decoder: [784], parameters: 784 * 4 });
  });
});
