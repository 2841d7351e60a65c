import { describe, expect, it, vi } from 'vitest';

import { deferred } from './deferred';
import { isAbort, LatestWins } from './latest';

/** A request that ends when it is told to. */
function controlled<T>(): {
  run: (signal: AbortSignal) => Promise<T>;
  finish: (value: T) => void;
  signal: () => AbortSignal;
} {
  const { promise, resolve } = deferred<T>();
  let given: AbortSignal | undefined;
  return {
    run: (signal) => {
      given = signal;
      return promise;
    },
    finish: resolve,
    signal: () => {
      if (!given) throw new Error('The request was never started.');
      return given;
    },
  };
}

/** What became of a promise: its value, or whether it was aborted. */
function outcome<T>(promise: Promise<T>): Promise<T | 'aborted'> {
  return promise.catch((error: unknown) => {
    if (isAbort(error)) return 'aborted' as const;
    throw error;
  });
}

describe('LatestWins', () => {
  it('answers a lone request', async () => {
    const lane = new LatestWins();
    await expect(lane.submit(() => Promise.resolve(3))).resolves.toBe(3);
    await expect(lane.submit(() => Promise.resolve(4))).resolves.toBe(4);
  });

  it('lets the one in flight finish, never runs two, and skips all but the newest', async () => {
    const lane = new LatestWins();
    const first = controlled<number>();
    const middle = vi.fn(() => Promise.resolve(2));
    const newest = vi.fn(() => Promise.resolve(3));
    const outcomes = [
      outcome(lane.submit(first.run)),
      outcome(lane.submit(middle)),
      outcome(lane.submit(middle)),
      outcome(lane.submit(newest)),
    ];
    await expect(outcomes[1]).resolves.toBe('aborted');
    expect(newest).not.toHaveBeenCalled();
    expect(first.signal().aborted).toBe(false);
    first.finish(1);
    await expect(Promise.all(outcomes)).resolves.toEqual([1, 'aborted', 'aborted', 3]);
    expect(middle).not.toHaveBeenCalled();
  });

  it('gives up the one in flight at once where asked to, and still waits for its end', async () => {
    const lane = new LatestWins('abort');
    const first = controlled<number>();
    const newest = vi.fn(() => Promise.resolve(2));
    const stale = outcome(lane.submit(first.run));
    const fresh = lane.submit(newest);
    expect(first.signal().aborted).toBe(true);
    await expect(stale).resolves.toBe('aborted');
    expect(newest).not.toHaveBeenCalled();
    first.finish(1);
    await expect(fresh).resolves.toBe(2);
  });

  it('goes on after a failure', async () => {
    const lane = new LatestWins();
    await expect(lane.submit(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    await expect(lane.submit(() => Promise.resolve('well'))).resolves.toBe('well');
  });

  it('drops everything when cleared, and works again after', async () => {
    const lane = new LatestWins();
    const first = controlled<number>();
    const outcomes = [outcome(lane.submit(first.run)), outcome(lane.submit(() => Promise.resolve(2)))];
    lane.clear();
    await expect(Promise.all(outcomes)).resolves.toEqual(['aborted', 'aborted']);
    const after = lane.submit(() => Promise.resolve(5));
    first.finish(1);
    await expect(after).resolves.toBe(5);
  });
});
