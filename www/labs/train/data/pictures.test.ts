import { describe, expect, it, vi } from 'vitest';

import { withPath } from '../../../components/folders';
import type { Call } from '../run/observer.svelte';
import { usable } from './droppedFiles';
import { isPicture, picturesAsIdx } from './pictures';

const file = (path: string, type = ''): File => {
  const name = path.split('/').at(-1) ?? '';
  const made = new File([], name, { type });
  return path === name ? made : withPath(made, path);
};

describe('pictures among dropped files', () => {
  it('are told by their kind or their ending', () => {
    expect(['a.png', 'B.JPG', 'c.webp'].every((name) => isPicture(file(name)))).toBe(true);
    expect(isPicture(file('scan', 'image/png'))).toBe(true);
    expect(['images.idx3', 'png', 'digits.npz'].some((name) => isPicture(file(name)))).toBe(false);
  });

  it('go to the engine one after the other, under their paths', async () => {
    const asked: unknown[] = [];
    const call = vi.fn((method: string, parameters: unknown[]) => {
      asked.push([method, parameters]);
      return Promise.resolve(method === 'greyPicture' ? new Uint8Array(784).fill(asked.length) : []);
    });
    const decode = () => Promise.resolve({ rgba: new Uint8Array(4), width: 1, height: 1 });
    await picturesAsIdx([file('3/a.png'), file('7/b.png')], call as unknown as Call, decode);
    expect(asked.slice(0, 2)).toEqual([
      ['greyPicture', ['3/a.png', new Uint8Array(4), 1, 1]],
      ['greyPicture', ['7/b.png', new Uint8Array(4), 1, 1]],
    ]);
    const greys = new Uint8Array(2 * 784).fill(1, 0, 784).fill(2, 784);
    expect(asked[2]).toEqual(['picturesAsIdx', [['3/a.png', '7/b.png'], greys]]);
  });
});

describe('what counts of a folder', () => {
  const names = (paths: string[]): string[] =>
    usable(paths.map((path) => file(path))).map(({ name }) => name);

  it('is its data, or else its pictures', () => {
    expect(names(['mnist/train-images-idx3-ubyte.gz', 'mnist/README.md', 'mnist/preview.png'])).toEqual([
      'train-images-idx3-ubyte.gz',
    ]);
    expect(names(['digits/0/a.png', 'digits/.DS_Store', 'digits/0/._a.png', 'digits/notes.txt'])).toEqual([
      'a.png',
    ]);
    expect(names(['digits/x.npz', 'digits/y.npy'])).toEqual(['x.npz', 'y.npy']);
    expect(() => names(['photos/letter.txt'])).toThrow('There are no images in this folder');
  });

  it('leaves loose files as they are, for their faults are told', () => {
    expect(names(['letter.txt', 'a.png'])).toEqual(['letter.txt', 'a.png']);
  });
});
