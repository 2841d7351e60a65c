import * as Comlink from 'comlink';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { WorkerClient } from './client';
import { deferred } from './deferred';
import { isAbort } from './latest';
import { EngineError } from './protocol';

/** A worker's side of the protocol, in this thread; each test says how it behaves. */
let behaviour: Record<string, (...parameters: never[]) => unknown>;
let workers: FakeWorker[];
let client: WorkerClient;

class FakeWorker {
  onerror: ((event: { message: string; preventDefault: () => void }) => void) | null = null;
  onmessageerror: (() => void) | null = null;
  readonly #channel = new MessageChannel();
  addEventListener = this.#channel.port1.addEventListener.bind(this.#channel.port1);
  removeEventListener = this.#channel.port1.removeEventListener.bind(this.#channel.port1);
  postMessage = this.#channel.port1.postMessage.bind(this.#channel.port1);

  constructor() {
    Comlink.expose(behaviour, this.#channel.port2);
    this.#channel.port1.start();
    workers.push(this);
  }

  terminate(): void {
    this.#channel.port1.close();
    this.#channel.port2.close();
  }

  crash(): void {
    this.onerror?.({ message: 'out of memory', preventDefault: () => undefined });
  }
}

beforeEach(async () => {
  workers = [];
  behaviour = {};
  vi.resetModules();
  vi.stubGlobal('Worker', FakeWorker);
  vi.stubGlobal('document', { hidden: false });
  const { engine } = await import('./client');
  client = engine.pen;
});

afterEach(() => {
  for (const worker of workers) worker.terminate();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const never = (): Promise<never> => new Promise(() => undefined);

describe('WorkerClient', () => {
  it('ended, fails what is asked of it, then and later', async () => {
    behaviour.randomSeed = never;
    const asked = client.call('randomSeed', []);
    await vi.waitFor(() => {
      expect(workers).toHaveLength(1);
    });
    client.end();
    await expect(asked).rejects.toMatchObject({ code: 'worker-lost' });
    await expect(client.call('randomSeed', [])).rejects.toMatchObject({ code: 'worker-lost' });
    expect(workers).toHaveLength(1);
  });

  it('calls, and hands on the code of an error', async () => {
    behaviour.randomSeed = () => 42;
    behaviour.modelFamilies = () => {
      // The worker throws plain data, for a cloned Error would lose its code.
      throw { code: 'unknown-model', message: 'no such family' };
    };
    await expect(client.call('randomSeed', [])).resolves.toBe(42);
    const failure = await client.call('modelFamilies', []).catch((error: unknown) => error);
    expect((failure as EngineError).code).toBe('unknown-model');
    expect((failure as EngineError).message).toBe('no such family');
    expect(workers).toHaveLength(1);
  });

  it('hands on the message of an error in the page’s language', async () => {
    // Those of the client that each test imports anew.
    const { messages } = await import('../locales/errors');
    messages['the file is empty'] = 'Die Datei ist leer';
    behaviour.randomSeed = () => {
      throw { code: 'data', message: 'the file is empty' };
    };
    await expect(client.call('randomSeed', [])).rejects.toMatchObject({
      code: 'data',
      message: 'Die Datei ist leer',
    });
  });

  it('rejects an aborted call at once, without an answer', async () => {
    behaviour.randomSeed = never;
    const abort = new AbortController();
    const call = client.call('randomSeed', [], abort.signal).catch((error: unknown) => error);
    abort.abort();
    expect(isAbort(await call)).toBe(true);
    const late = client.call('randomSeed', [], abort.signal).catch((error: unknown) => error);
    expect(isAbort(await late)).toBe(true);
  });

  it('replaces a worker that crashed, with its models, and says so', async () => {
    const loaded: string[] = [];
    behaviour.loadModel = (key: string) => {
      loaded.push(key);
      return { spec: { model: 'vae' }, latents: 2, provenance: null };
    };
    behaviour.randomSeed = never;
    await client.loadModel('a', new Uint8Array(3));
    await client.loadModel('b', new Uint8Array(3));
    const restarted = deferred<string>();
    client.onRestart(restarted.resolve);
    const lost = client.call('randomSeed', []).catch((error: unknown) => error);
    await vi.waitFor(() => {
      expect(loaded).toEqual(['a', 'b']);
    });
    workers[0]?.crash();
    expect(((await lost) as EngineError).code).toBe('worker-lost');
    await expect(restarted.promise).resolves.toBe('out of memory');
    expect(loaded).toEqual(['a', 'b', 'a', 'b']);
    behaviour.randomSeed = () => 7;
    await expect(client.call('randomSeed', [])).resolves.toBe(7);
  });

  it('replaces a worker whose engine panicked', async () => {
    behaviour.ping = () => {
      throw { code: 'panic', message: 'index out of bounds' };
    };
    const failure = await client.call('ping', []).catch((error: unknown) => error);
    expect((failure as EngineError).code).toBe('panic');
    expect(workers).toHaveLength(2);
  });

  it('replaces a worker that does not answer, but not behind a hidden tab', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
    behaviour.ping = () => undefined;
    behaviour.randomSeed = never;
    await client.call('ping', []);
    const lost = client.call('randomSeed', []).catch((error: unknown) => error);
    await Promise.resolve();
    vi.stubGlobal('document', { hidden: true });
    vi.advanceTimersByTime(200_000);
    expect(workers).toHaveLength(1);
    vi.stubGlobal('document', { hidden: false });
    vi.advanceTimersByTime(40_000);
    expect(((await lost) as EngineError).code).toBe('worker-lost');
    expect(workers).toHaveLength(2);
  });

  it('gives up on a worker that never gets as far as an answer', async () => {
    behaviour.randomSeed = never;
    for (let start = 0; start < 3; start += 1) {
      const lost = client.call('randomSeed', []).catch((error: unknown) => error);
      await Promise.resolve();
      workers.at(-1)?.crash();
      expect(((await lost) as EngineError).code).toBe('worker-lost');
    }
    expect(workers).toHaveLength(3);
    await expect(client.call('randomSeed', [])).rejects.toThrow('out of memory');
  });
});
