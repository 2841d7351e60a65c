import { expect, it } from 'vitest';

import type { Call } from './observer.svelte';
import { selfTest } from './selfTest';

it('sets training beside the limit and leaves nothing behind', async () => {
  const calls: string[] = [];
  const shares: number[] = [];
  const limits = [40, 50, 45, 41, 49, 42, 44, 46, 43, 47];
  const answers: Record<string, () => unknown> = {
    createTrainer: () => ({ flopsPerImage: 4_000_000 }),
    train: () => [{ imagesPerSecond: 1_000 }, { imagesPerSecond: 5_000 }, { imagesPerSecond: 9_000 }],
    roofline: () => limits.pop(),
  };
  const call = ((method: string) => {
    calls.push(method);
    return Promise.resolve(answers[method]?.());
  }) as Call;
  const result = await selfTest(call, (share) => shares.push(share));
  expect(result).toEqual({ imagesPerSecond: 5_000, gigaflops: 20, limit: 45 });
  expect(calls.filter((name) => name === 'train')).toHaveLength(10);
  expect(calls.slice(-3)).toEqual(['releaseTrainer', 'releaseDataset', 'releaseModel']);
  expect(shares[0]).toBe(0);
  expect(shares.every((share, at) => at === 0 || share > (shares[at - 1] ?? 0))).toBe(true);
});

it('cleans up when the worker fails', async () => {
  const calls: string[] = [];
  const call = ((method: string) => {
    calls.push(method);
    if (method === 'train') return Promise.reject(new Error('no'));
    return Promise.resolve({ flopsPerImage: 1 });
  }) as Call;
  await expect(selfTest(call, () => undefined)).rejects.toThrow('no');
  expect(calls.slice(-3)).toEqual(['releaseTrainer', 'releaseDataset', 'releaseModel']);
});
