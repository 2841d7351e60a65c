import { expect, test, vi } from 'vitest';

import { PIXELS } from '../../engine/protocol';
import type { CurrentModel } from '../../state/model.svelte';
import { Beliefs, UNKNOWN } from './beliefs.svelte';

const answers: Record<string, object> = {
  believe: { tolerance: undefined, logEvidence: -1, milliseconds: 5 },
  settleBelief: { tolerance: 0.001, logEvidence: -2, milliseconds: 5_000 },
};
vi.mock('../../engine/client', () => ({
  engine: { study: () => Promise.resolve({ call: (name: string) => Promise.resolve(answers[name]) }) },
}));

test('an exact answer that comes later leaves the times of the answer to the pen', async () => {
  const beliefs = new Beliefs();
  const model = { key: 'some' } as CurrentModel;
  await beliefs.pressed(model, new Uint8Array(PIXELS).fill(UNKNOWN));
  expect(beliefs.of(model)?.picture).toMatchObject({ logEvidence: -1, milliseconds: 5 });
  await vi.waitFor(() => {
    expect(beliefs.of(model)?.settled).toBe(true);
  });
  expect(beliefs.of(model)?.picture).toMatchObject({ logEvidence: -2, milliseconds: 5 });
});
