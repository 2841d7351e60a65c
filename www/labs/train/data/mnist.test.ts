import { describe, expect, it, vi } from 'vitest';

import { fetchMnist, MirrorError, MNIST_FILES, type FileStore, type MnistName } from './mnist';
import { MNIST_MIRRORS } from './mirrors';

const A = 'https://one.example/';
const B = 'https://two.example/';
const content = new TextEncoder().encode('sixty thousand digits');

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const bytes = (words: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(words);

/** In place of the engine, which knows the true files. */
function identify(found: Uint8Array) {
  const part = text(found) === text(content) ? 'train' : 'test';
  return Promise.resolve(
    text(found).includes('digits') ? ({ set: 'MNIST', part, items: 'images' } as const) : undefined,
  );
}

function setting(answers: Record<string, () => Promise<Response>>) {
  const kept = new Map<MnistName, Uint8Array>();
  const asked: string[] = [];
  const store: FileStore = {
    has: (name) => Promise.resolve(kept.has(name)),
    put: (name, bytes) => {
      kept.set(name, bytes);
      return Promise.resolve();
    },
  };
  const fetch = vi.fn((address: string | URL | Request): Promise<Response> => {
    const text = address as string;
    asked.push(text);
    return (answers[new URL(text).origin + '/'] ?? (() => Promise.reject(new TypeError('fetch failed'))))();
  });
  const name = 'train-images-idx3-ubyte';
  const files = [{ name, part: 'train', items: 'images', bytes: 40 } as const];
  return { kept, asked, request: { store, identify, fetch, files, mirrors: [A, B] } };
}

describe('fetching MNIST', () => {
  it('names four files and secure mirrors', () => {
    expect(MNIST_FILES.length).toBe(4);
    expect(MNIST_MIRRORS.length).toBeGreaterThan(1);
    for (const mirror of MNIST_MIRRORS) expect(mirror).toMatch(/^https:.*\/$/);
  });

  it('checks and keeps a file, and tells how far it is', async () => {
    const { kept, asked, request } = setting({ [A]: () => Promise.resolve(new Response(content)) });
    const progress: number[] = [];
    await fetchMnist({ ...request, onprogress: (received) => progress.push(received) });
    expect(kept.get('train-images-idx3-ubyte')).toEqual(content);
    expect(asked).toEqual([`${A}train-images-idx3-ubyte.gz`]);
    expect(progress).toEqual([content.length, 40]);
  });

  it('asks the next mirror after a wrong checksum, an error or silence', async () => {
    for (const first of [
      // Digits, but those to test with.
      () => Promise.resolve(new Response(bytes('ten thousand digits'))),
      () => Promise.resolve(new Response(bytes('cats'))),
      () => Promise.resolve(new Response('', { status: 403 })),
      () => Promise.reject(new TypeError('Failed to fetch')),
    ]) {
      const { kept, asked, request } = setting({
        [A]: first,
        [B]: () => Promise.resolve(new Response(content)),
      });
      await fetchMnist(request);
      expect(asked.length).toBe(2);
      expect(kept.get('train-images-idx3-ubyte')).toEqual(content);
    }
  });

  it('says what every mirror did when none helps, and keeps nothing', async () => {
    const { kept, request } = setting({ [A]: () => Promise.resolve(new Response(bytes('cats'))) });
    const failure = await fetchMnist(request).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(MirrorError);
    expect((failure as Error).message).toContain('one.example sent something else (wrong SHA-256)');
    expect((failure as Error).message).toContain('two.example could not be reached');
    expect((failure as Error).message).toContain('drop them here');
    expect(kept.size).toBe(0);
  });

  it('asks nobody for what is kept', async () => {
    const { kept, asked, request } = setting({});
    kept.set('train-images-idx3-ubyte', content);
    await fetchMnist(request);
    expect(asked).toEqual([]);
  });

  it('stops when told to, without trying the next mirror', async () => {
    const stop = new AbortController();
    const { asked, request } = setting({
      [A]: () => {
        stop.abort();
        return Promise.reject(new DOMException('stopped', 'AbortError'));
      },
    });
    await expect(fetchMnist({ ...request, signal: stop.signal })).rejects.toThrow('stopped');
    expect(asked.length).toBe(1);
  });
});
