import { afterEach, describe, expect, it, vi } from 'vitest';

import { deferred } from '../engine/deferred';
import { Figure } from './figure.svelte';
import { toasts } from './toasts.svelte';

const MODEL = { key: 'a model' };
const OTHER = { key: 'another' };

afterEach(() => {
  for (const { id } of toasts.messages) toasts.dismiss(id);
});

describe('Figure', () => {
  it('shows what was found, for its own subject only', async () => {
    const figure = new Figure<number>();
    expect(figure.of(MODEL)).toBeUndefined();
    await expect(figure.find(MODEL, () => Promise.resolve(3))).resolves.toBe(3);
    expect(figure.of(MODEL)).toBe(3);
    expect(figure.of(OTHER)).toBeUndefined();
  });

  it('keeps the old value until the new one is there', async () => {
    const figure = new Figure<string>();
    await figure.find(MODEL, () => Promise.resolve('old'));
    const slow = deferred<string>();
    const found = figure.find(MODEL, () => slow.promise);
    expect(figure.of(MODEL)).toBe('old');
    slow.resolve('new');
    await found;
    expect(figure.of(MODEL)).toBe('new');
  });

  it('computes only the newest of those that wait', async () => {
    const figure = new Figure<number>();
    const first = deferred<number>();
    const skipped = vi.fn(() => Promise.resolve(2));
    const answers = [
      figure.find(MODEL, () => first.promise),
      figure.find(MODEL, skipped),
      figure.find(MODEL, () => Promise.resolve(3)),
    ];
    first.resolve(1);
    await expect(Promise.all(answers)).resolves.toEqual([1, undefined, 3]);
    expect(skipped).not.toHaveBeenCalled();
    expect(figure.of(MODEL)).toBe(3);
    expect(toasts.messages).toEqual([]);
  });

  it('shows first parts, but none of a request that was given up', async () => {
    const figure = new Figure<number>('abort');
    const rest = deferred<number>();
    let showLate: ((value: number) => void) | undefined;
    const given = figure.find(MODEL, (_, show) => {
      show(1);
      showLate = show;
      return rest.promise;
    });
    expect(figure.of(MODEL)).toBe(1);
    const newest = figure.find(MODEL, () => Promise.resolve(5));
    showLate?.(2);
    expect(figure.of(MODEL)).toBe(1);
    rest.resolve(3);
    await expect(Promise.all([given, newest])).resolves.toEqual([undefined, 5]);
    expect(figure.of(MODEL)).toBe(5);
  });

  it('shows an error, and no old figure beside new inputs', async () => {
    const figure = new Figure<number>();
    await figure.find(MODEL, () => Promise.resolve(1));
    await expect(
      figure.find(MODEL, () => Promise.reject(new Error('The image has 3 pixels.'))),
    ).resolves.toBeUndefined();
    expect(figure.of(MODEL)).toBeUndefined();
    expect(toasts.messages.map(({ text }) => text)).toEqual(['The image has 3 pixels.']);
  });

  it('stays empty once cleared, whatever still comes', async () => {
    const figure = new Figure<number>();
    const slow = deferred<number>();
    const found = figure.find(MODEL, () => slow.promise);
    figure.clear();
    slow.resolve(1);
    await expect(found).resolves.toBeUndefined();
    await slow.promise;
    expect(figure.of(MODEL)).toBeUndefined();
    expect(toasts.messages).toEqual([]);
  });
});
