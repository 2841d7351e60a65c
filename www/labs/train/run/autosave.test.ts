import 'fake-indexeddb/auto';

import { deleteDB } from 'idb';
import { describe, expect, it } from 'vitest';

import { Autosave, type SavedRun } from './autosave';
import { BrowserStore, storageReason, storeBlob, type StoredBytes } from './database';
import { History } from './history';
import { OwnDrawings } from '../data/ownDrawings.svelte';

let databases = 0;

/** A store of its own for each test; a second one of the same name is another tab. */
function fresh(): { name: string; store: BrowserStore } {
  databases += 1;
  const name = `test-${String(databases)}`;
  return { name, store: new BrowserStore(name) };
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
    data: 'strokes | 10000 of 1 | ',
    settings: { latents: 8, hidden: [64, 32], binarization: 'grey' },
    checkpoint: Uint8Array.from({ length: 5_000 }, (_, at) => at % 251),
    history: history.data(),
    strip: [{ step: 100, pixels: new Uint8Array(784).fill(9), elbo: -150 }],
    weights: undefined,
  };
}

describe('autosave', () => {
  it('gives back exactly what was kept', async () => {
    const autosave = new Autosave(fresh().store);
    expect(await autosave.list()).toEqual([]);
    expect(await autosave.save(run('a', 1_000))).toBe(true);
    expect(await autosave.read('a')).toEqual(run('a', 1_000));
    const { id, savedAt, step, epoch, heldOutElbo, settings, data } = run('a', 1_000);
    expect(await autosave.list()).toEqual([{ id, savedAt, step, epoch, heldOutElbo, settings, data }]);
  });

  it('replaces a run by its later state', async () => {
    const autosave = new Autosave(fresh().store);
    await autosave.save(run('a', 1_000));
    await autosave.save(run('a', 2_000, 400));
    expect((await autosave.list()).map(({ step }) => step)).toEqual([400]);
    await autosave.remove('a');
    expect(await autosave.list()).toEqual([]);
    expect(await autosave.read('a')).toBeUndefined();
  });

  it('throws no run away, and lists the newest first', async () => {
    const { name, store } = fresh();
    const autosave = new Autosave(store);
    for (const [at, id] of ['a', 'b', 'c', 'd', 'e'].entries()) await autosave.save(run(id, 1_000 + at));
    await autosave.save(run('c', 9_000));
    const later = new Autosave(new BrowserStore(name));
    expect((await later.list()).map(({ id }) => id)).toEqual(['c', 'e', 'd', 'b', 'a']);
  });

  it('does not write over a run that another tab has taken over', async () => {
    const { name, store } = fresh();
    const one = new Autosave(store);
    const other = new Autosave(new BrowserStore(name));
    await one.save(run('a', 1_000, 300));
    await other.takeOver('a');
    expect(await other.save(run('a', 2_000, 500))).toBe(true);
    expect(await one.save(run('a', 3_000, 400))).toBe(false);
    expect((await one.read('a'))?.step).toBe(500);
  });

  it('reads runs of earlier versions, which lay there whole', async () => {
    const { store } = fresh();
    const old = { ...run('old', 1_000), checkpoint: run('old', 1_000).checkpoint.slice() };
    await store.use((database) => database.put('runs', old));
    expect(await new Autosave(store).read('old')).toEqual(run('old', 1_000));
  });
});

describe('a store that the browser closes', () => {
  it('is opened anew, its loss is told, and the next save lands', async () => {
    const { name, store } = fresh();
    let losses = 0;
    store.onlost = () => (losses += 1);
    const autosave = new Autosave(store);
    await autosave.save(run('a', 1_000));
    // As clearing the page's data does it; a page that does not let go would keep this waiting.
    await deleteDB(name);
    expect(losses).toBe(1);
    expect(await autosave.save(run('a', 2_000, 400))).toBe(true);
    expect((await autosave.list()).map(({ step }) => step)).toEqual([400]);
  });

  it('does its work over a new connection where the old one turns out dead', async () => {
    const { store } = fresh();
    let tries = 0;
    const done = await store.use((database) => {
      tries += 1;
      if (tries === 1) database.close();
      return database.count('runs');
    });
    expect([done, tries]).toEqual([0, 2]);
  });
});

it('where the browser stores no blobs their bytes are stored, and a full storage is not tried twice', async () => {
  const blob = new Blob([Uint8Array.of(1, 2, 3)]);
  const tried: StoredBytes[] = [];
  const store = (fault: DOMException) => (bytes: StoredBytes) => {
    tried.push(bytes);
    return bytes instanceof Blob ? Promise.reject(fault) : Promise.resolve('stored');
  };
  const noBlobs = new DOMException('Error preparing Blob/File data to be stored', 'UnknownError');
  expect(await storeBlob(blob, store(noBlobs))).toBe('stored');
  expect(tried).toEqual([blob, Uint8Array.of(1, 2, 3)]);
  await expect(storeBlob(blob, store(new DOMException('', 'QuotaExceededError')))).rejects.toThrow();
  expect(tried).toHaveLength(3);
});

it('the reason why something is not kept is never empty', () => {
  expect(storageReason(new DOMException('', 'QuotaExceededError'))).toContain('full');
  expect(storageReason(new DOMException('', 'SecurityError'))).toContain('forbids');
  const inFrame = new DOMException('The user denied permission to access the database.', 'UnknownError');
  expect(storageReason(inFrame)).toContain('forbids');
  expect(storageReason(new DOMException('', 'AbortError'))).toBe('AbortError');
  expect(storageReason(new Error('no room'))).toBe('no room');
});

describe('own drawings', () => {
  it('stay from one visit to the next, and go when removed', async () => {
    const { name, store } = fresh();
    const first = new OwnDrawings(store);
    await first.add(new Float32Array(784).fill(0.25), 3);
    await first.add(new Float32Array(784).fill(0.75), undefined);
    const before = first.signature;
    const second = new OwnDrawings(new BrowserStore(name));
    await second.restore();
    expect(second.items.map(({ label }) => label)).toEqual([3, undefined]);
    expect(second.signature).toBe(before);
    await second.remove([1]);
    expect(second.signature).not.toBe(before);
    const third = new OwnDrawings(new BrowserStore(name));
    await third.restore();
    expect(third.items.map(({ label }) => label)).toEqual([undefined]);
    await third.remove([2]);
    await second.restore();
    expect(second.items).toEqual([]);
  });

  it('added in two tabs are all kept, and removing those of one tab leaves the others', async () => {
    const { name, store } = fresh();
    const one = new OwnDrawings(store);
    const other = new OwnDrawings(new BrowserStore(name));
    await one.restore();
    await other.restore();
    await one.add(new Float32Array(784).fill(0.25), 1);
    await other.add(new Float32Array(784).fill(0.75), 2);
    await one.restore();
    expect(one.items.map(({ label }) => label)).toEqual([1, 2]);
    const seen = one.items.map(({ id }) => id);
    await other.add(new Float32Array(784).fill(0.5), 3);
    await one.remove(seen);
    await one.restore();
    expect(one.items.map(({ label }) => label)).toEqual([3]);
  });

  it('are repeated with their labels, 255 where there is none', async () => {
    const own = new OwnDrawings(fresh().store);
    await own.add(new Float32Array(784).fill(0.25), 3);
    await own.add(new Float32Array(784).fill(0.75), undefined);
    const { pixels, labels } = own.repeated(3);
    expect([...labels]).toEqual([3, 255, 3, 255, 3, 255]);
    expect(pixels.length).toBe(6 * 784);
    expect([pixels[4 * 784], pixels[5 * 784]]).toEqual([0.25, 0.75]);
  });
});
