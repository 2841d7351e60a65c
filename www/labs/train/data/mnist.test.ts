import { describe, expect, it, vi } from 'vitest';

import { fetchMnist, MirrorError, MNIST_FILES, sha256, type FileStore, type MnistName } from './mnist';
import { MNIST_MIRRORS } from './mirrors';

const A = 'https://one.example/';
const B = 'https://two.example/';
const content = new TextEncoder().encode('sixty thousand digits');

async function gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const packed = new Blob([bytes]).stream().pipeThrough(new CompressionStream('gzip'));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

async function setting(answers: Record<string, () => Promise<Response>>) {
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
  const files = [{ name, sha256: await sha256(content), bytes: 40 } as const];
  return { kept, asked, request: { store, fetch, files, mirrors: [A, B] } };
}

describe('fetching MNIST', () => {
  it('knows the checksum of a known text', async () => {
    expect(await sha256(new TextEncoder().encode('abc'))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });

  it('names four files with 64-digit checksums and secure mirrors', () => {
    expect(MNIST_FILES.map((file) => file.sha256.length)).toEqual([64, 64, 64, 64]);
    expect(MNIST_MIRRORS.length).toBeGreaterThan(1);
    for (const mirror of MNIST_MIRRORS) expect(mirror).toMatch(/^https:.*\/$/);
  });

  it('unpacks, checks and keeps a file, and tells how far it is', async () => {
    const packed = await gzip(content);
    const { kept, asked, request } = await setting({ [A]: () => Promise.resolve(new Response(packed)) });
    const progress: number[] = [];
    await fetchMnist({ ...request, onprogress: (bytes) => progress.push(bytes) });
    expect(kept.get('train-images-idx3-ubyte')).toEqual(content);
    expect(asked).toEqual([`${A}train-images-idx3-ubyte.gz`]);
    expect(progress).toEqual([packed.length, 40]);
  });

  it('takes a file that the server has unpacked already', async () => {
    const { kept, request } = await setting({ [A]: () => Promise.resolve(new Response(content)) });
    await fetchMnist(request);
    expect(kept.size).toBe(1);
  });

  it('asks the next mirror after a wrong checksum, an error or silence', async () => {
    const good = await gzip(content);
    const wrong = await gzip(new TextEncoder().encode('cats'));
    for (const first of [
      () => Promise.resolve(new Response(wrong)),
      () => Promise.resolve(new Response('', { status: 403 })),
      () => Promise.reject(new TypeError('Failed to fetch')),
    ]) {
      const { kept, asked, request } = await setting({
        [A]: first,
        [B]: () => Promise.resolve(new Response(good)),
      });
      await fetchMnist(request);
      expect(asked.length).toBe(2);
      expect(kept.get('train-images-idx3-ubyte')).toEqual(content);
    }
  });

  it('says what every mirror did when none helps, and keeps nothing', async () => {
    const wrong = await gzip(new TextEncoder().encode('cats'));
    const { kept, request } = await setting({ [A]: () => Promise.resolve(new Response(wrong)) });
    const failure = await fetchMnist(request).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(MirrorError);
    expect((failure as Error).message).toContain('one.example sent something else (wrong SHA-256)');
    expect((failure as Error).message).toContain('two.example could not be reached');
    expect((failure as Error).message).toContain('drop them here');
    expect(kept.size).toBe(0);
  });

  it('asks nobody for what is kept', async () => {
    const { kept, asked, request } = await setting({});
    kept.set('train-images-idx3-ubyte', content);
    await fetchMnist(request);
    expect(asked).toEqual([]);
  });

  it('stops when told to, without trying the next mirror', async () => {
    const stop = new AbortController();
    const { asked, request } = await setting({
      [A]: () => {
        stop.abort();
        return Promise.reject(new DOMException('stopped', 'AbortError'));
      },
    });
    await expect(fetchMnist({ ...request, signal: stop.signal })).rejects.toThrow('stopped');
    expect(asked.length).toBe(1);
  });
});
