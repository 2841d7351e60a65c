import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stages } from './stages.mjs';

test('a stage comes after stages that stand before it alone, so none waits for itself or for a name that is not there', () => {
  const before = new Set();
  for (const { name, after = [] } of stages) {
    for (const other of after) assert.ok(before.has(other), `${name} comes after ${other}`);
    before.add(name);
  }
});
