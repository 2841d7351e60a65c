import 'fake-indexeddb/auto';

import { describe, expect, it } from 'vitest';

import { Autosave, type SavedRun } from './autosave';
import { openDatabase } from './database';
import { History } from './history';
import { OwnDrawings } from '../data/ownDrawings.svelte';

let databases = 0;

function fresh(): () => ReturnType<typeof openDatabase> {
  databases += 1;
  const opened = openDatabase(`test-${String(databases)}`);
  return () => opened;
}

function run(id: string, savedAt: number, step = 300): SavedRun {
  const history = new History();
  for (let at = 1; at <= step; at += 1) {
    history.addTrain(at, { elbo: -200 + at / 10, reconstruction: -195 + at / 10, kl: 5 });
  }
  return {
    id,
    savedAt,
    step,
    epoch: step / 156,
    heldOutElbo: -170,
    settings: { latents: 8, hidden: [64, 32], binarization: 'grey' },
    checkpoint: Uint8Array.from({ length: 5_000 }, (_, at) => at % 251),
    history: history.data(),
    strip: [{ step: 100, pixels: new Uint8Array(784).fill(9), elbo: -150 }],
    weights: undefined,
  };
}

describe('autosave', () => {
  it('gives back exactly what was kept', async () => {
    const autosave = new Autosave(fresh());
    expect(await autosave.newest()).toBeUndefined();
    await autosave.save(run('a', 1_000));
    expect(await autosave.newest()).toEqual(run('a', 1_000));
  });

  it('replaces a run by its later state', async () => {
    const autosave = new Autosave(fresh());
    await autosave.save(run('a', 1_000));
    await autosave.save(run('a', 2_000, 400));
    expect((await autosave.newest())?.step).toBe(400);
    await autosave.remove('a');
    expect(await autosave.newest()).toBeUndefined();
  });

  it('keeps the three newest runs: another tab is not overwritten', async () => {
    const open = fresh();
    const autosave = new Autosave(open);
    for (const [at, id] of ['a', 'b', 'c', 'd', 'e'].entries()) await autosave.save(run(id, 1_000 + at));
    await autosave.save(run('c', 9_000));
    expect((await autosave.newest())?.id).toBe('c');
    expect((await (await open()).getAllKeys('runs')).sort()).toEqual(['c', 'd', 'e']);
  });

  it('says when the browser forbids it', async () => {
    const autosave = new Autosave(() => Promise.reject(new Error('storage is forbidden')));
    await expect(autosave.save(run('a', 1))).rejects.toThrow('forbidden');
  });
});

describe('own drawings', () => {
  it('stay from one visit to the next, and go when removed', async () => {
    const open = fresh();
    const first = new OwnDrawings(open);
    await first.add(new Float32Array(784).fill(0.25), 3);
    await first.add(new Float32Array(784).fill(0.75), 7);
    const before = first.signature;
    const second = new OwnDrawings(open);
    await second.restore();
    expect(second.items.map(({ label }) => label)).toEqual([3, 7]);
    expect(second.signature).toBe(before);
    await second.remove(1);
    expect(second.signature).not.toBe(before);
    const third = new OwnDrawings(open);
    await third.restore();
    expect(third.items.map(({ label }) => label)).toEqual([7]);
    await third.clear();
    await second.restore();
    expect(second.items).toEqual([]);
  });

  it('are repeated with their labels', async () => {
    const own = new OwnDrawings(fresh());
    await own.add(new Float32Array(784).fill(0.25), 3);
    await own.add(new Float32Array(784).fill(0.75), 7);
    const { pixels, labels } = own.repeated(3);
    expect([...labels]).toEqual([3, 7, 3, 7, 3, 7]);
    expect(pixels.length).toBe(6 * 784);
    expect([pixels[4 * 784], pixels[5 * 784]]).toEqual([0.25, 0.75]);
  });
});
