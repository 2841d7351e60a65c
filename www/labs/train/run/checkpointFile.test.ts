import { expect, it } from 'vitest';

import { checkpointKind } from './checkpointFile';

function file(header: string, length = BigInt(header.length)): Uint8Array {
  const text = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + text.length);
  new DataView(bytes.buffer).setBigUint64(0, length, true);
  bytes.set(text, 8);
  return bytes;
}

it('tells a run from a model and leaves the rest to the engine', () => {
  expect(checkpointKind(file('{"__metadata__":{"spec":"{}","trainer":"{}"}}'))).toBe('run');
  expect(checkpointKind(file('{"__metadata__":{"spec":"{}"}}'))).toBe('model');
  expect(checkpointKind(file('{"a":1}'))).toBe('model');
  expect(checkpointKind(file('{broken'))).toBe('unknown');
  expect(checkpointKind(file('{}', 2n ** 60n))).toBe('unknown');
  expect(checkpointKind(new Uint8Array(5))).toBe('unknown');
});
