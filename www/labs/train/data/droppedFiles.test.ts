import { describe, expect, it, vi } from 'vitest';

import type { Call } from '../run/observer.svelte';
import { firstImages, inspectFiles, inWords, type AboutFiles } from './droppedFiles';

const about: AboutFiles = {
  count: 60_000,
  testCount: 10_000,
  labelled: true,
  set: 'MNIST',
  first: [],
  transposed: false,
};

describe('what dropped files are', () => {
  it('is said in words', () => {
    expect(inWords(about)).toBe('MNIST, 60,000 images with labels, 10,000 to test');
    expect(inWords({ ...about, set: undefined, labelled: false, count: 1, testCount: 0 })).toBe('1 image');
  });

  it('can be turned upright', () => {
    const first = Array.from({ length: 2 * 784 }, () => 0);
    first[784 + 3 * 28 + 20] = 255;
    const ink = (transposed: boolean): number => firstImages({ ...about, first, transposed }).indexOf(1);
    expect(ink(false)).toBe(784 + 3 * 28 + 20);
    expect(ink(true)).toBe(784 + 20 * 28 + 3);
  });

  it('can have ink and paper exchanged', () => {
    const first = [255, 0, 51];
    expect(firstImages({ ...about, first, inverted: true })).toEqual(Float32Array.from([0, 1, 0.8]));
  });

  it('is not read of a file that is too large to be data', async () => {
    const file = new File([], 'film.gz');
    Object.defineProperty(file, 'size', { value: 3 * 2 ** 30 });
    const read = vi.spyOn(file, 'arrayBuffer');
    const call = vi.fn() as unknown as Call;
    await expect(inspectFiles([file], call)).rejects.toThrow('“film.gz” has 3072 MiB; at most 256 MiB');
    expect(read).not.toHaveBeenCalled();
  });
});
