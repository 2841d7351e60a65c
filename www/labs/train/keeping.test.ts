import 'fake-indexeddb/auto';

import { describe, expect, it, vi } from 'vitest';

import { Keeping } from './keeping.svelte';
import { Autosave } from './run/autosave';
import { Claim } from './run/claim';
import { BrowserStore } from './run/database';
import { History } from './run/history';

/** Web Locks as several tabs of one browser share them. */
function sharedLocks(): LockManager {
  const held = new Set<string>();
  const request = async (
    name: string,
    _: LockOptions,
    use: (lock: Lock | null) => unknown,
  ): Promise<unknown> => {
    if (held.has(name)) return use(null);
    held.add(name);
    try {
      return await use({ name, mode: 'exclusive' });
    } finally {
      held.delete(name);
    }
  };
  return { request } as unknown as LockManager;
}

let databases = 0;

function browser() {
  databases += 1;
  const name = `keeping-${String(databases)}`;
  const locks = sharedLocks();
  return {
    tab(withLocks = true) {
      const store = new BrowserStore(name);
      const keeping = new Keeping(new Autosave(store), new Claim(withLocks ? locks : undefined));
      store.onlost = () => {
        keeping.lost();
      };
      return { store, keeping };
    },
  };
}

const state = (step: number) => ({
  step,
  epoch: step / 100,
  heldOutElbo: -step,
  settings: {},
  data: 'strokes',
  checkpoint: Uint8Array.of(step % 256),
  history: new History().data(),
  strip: [],
  weights: undefined,
});

const steps = (keeping: Keeping) => keeping.others.map(({ step }) => step);

describe('two tabs', () => {
  it('that train at once keep both runs, and a third is offered both', async () => {
    const { tab } = browser();
    const [one, other] = [tab().keeping, tab().keeping];
    await Promise.all([one.begin(), other.begin()]);
    await Promise.all([one.save(state(100)), other.save(state(200))]);
    await Promise.all([one.save(state(110)), other.save(state(210))]);
    const third = tab().keeping;
    await third.begin();
    expect(steps(third).sort()).toEqual([110, 210]);
    expect([one.holds(110), other.holds(210), one.holds(111)]).toEqual([true, true, false]);
  });

  it.each([true, false])(
    'that resume one run (locks: %s) do not write over each other',
    async (withLocks) => {
      const { tab } = browser();
      const first = tab(withLocks).keeping;
      await first.begin();
      await first.save(state(100));
      const second = tab(withLocks).keeping;
      await second.begin();
      const [run] = second.others;
      if (!run) throw new Error('nothing is offered');
      await second.goOn(run);
      await second.save(state(500));
      await first.save(state(120));
      // The one that came second is told where locks can tell; else the one that comes too late.
      expect([first.notice, second.notice].filter(Boolean)).toHaveLength(1);
      expect((withLocks ? second : first).notice).toContain('copy');
      const third = tab(withLocks).keeping;
      await third.list();
      expect(steps(third).sort()).toEqual([120, 500]);
    },
  );
});

describe('a save that fails', () => {
  it('is told with a reason, and the next one lands', async () => {
    const { store, keeping } = browser().tab();
    await keeping.begin();
    const full = vi.spyOn(store, 'use').mockRejectedValue(new DOMException('', 'QuotaExceededError'));
    await keeping.save(state(10));
    expect(keeping.problem).toContain('is full');
    expect(keeping.holds(10)).toBe(false);
    full.mockRestore();
    await keeping.save(state(20));
    expect(keeping.problem).toBeUndefined();
    expect(keeping.holds(20)).toBe(true);
  });
});

it('a run that was begun anew stays kept beside the new one', async () => {
  const { keeping } = browser().tab();
  for (const step of [10, 20, 30, 40, 50]) {
    await keeping.begin();
    await keeping.save(state(step));
  }
  await keeping.begin();
  expect(steps(keeping).sort()).toEqual([10, 20, 30, 40, 50]);
});
