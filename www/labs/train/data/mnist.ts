/** MNIST from a public mirror: fetched when the visitor asks for it, checked, and kept in this browser. */

import type { PublishedIdx } from '../../../engine/protocol';
import { MNIST_MIRRORS } from './mirrors';

export type MnistName =
  'train-images-idx3-ubyte' | 'train-labels-idx1-ubyte' | 't10k-images-idx3-ubyte' | 't10k-labels-idx1-ubyte';

interface MnistFile extends Omit<PublishedIdx, 'set'> {
  name: MnistName;
  /** As mirrors serve it, compressed; for the progress bar where a mirror does not say. */
  bytes: number;
}

export const MNIST_FILES: readonly MnistFile[] = [
  { name: 'train-images-idx3-ubyte', part: 'train', items: 'images', bytes: 9_912_422 },
  { name: 'train-labels-idx1-ubyte', part: 'train', items: 'labels', bytes: 28_881 },
  { name: 't10k-images-idx3-ubyte', part: 'test', items: 'images', bytes: 1_648_877 },
  { name: 't10k-labels-idx1-ubyte', part: 'test', items: 'labels', bytes: 4_542 },
];

export const MNIST_BYTES = MNIST_FILES.reduce((sum, file) => sum + file.bytes, 0);

/** Where checked files are kept, plain or compressed as they came. */
export interface FileStore {
  has(name: MnistName): Promise<boolean>;
  put(name: MnistName, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
}

export interface MnistRequest {
  store: FileStore;
  /** Whose file it is, by its SHA-256. */
  identify: (bytes: Uint8Array) => Promise<PublishedIdx | undefined>;
  signal?: AbortSignal;
  /** Compressed bytes so far, of `MNIST_BYTES`. */
  onprogress?: (bytes: number) => void;
  mirrors?: readonly string[];
  files?: readonly MnistFile[];
  fetch?: typeof globalThis.fetch;
}

/** No mirror gave the file. The message says what each of them did. */
export class MirrorError extends Error {
  override readonly name = 'MirrorError';
}

/** Fetches what is not kept yet, file by file. */
export async function fetchMnist(request: MnistRequest): Promise<void> {
  let before = 0;
  for (const file of request.files ?? MNIST_FILES) {
    if (!(await request.store.has(file.name))) {
      const bytes = await fetchFile(file, request, (part) => request.onprogress?.(before + part));
      await request.store.put(file.name, bytes);
    }
    before += file.bytes;
    request.onprogress?.(before);
  }
}

async function fetchFile(
  file: MnistFile,
  request: MnistRequest,
  onprogress: (bytes: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const faults: string[] = [];
  for (const mirror of request.mirrors ?? MNIST_MIRRORS) {
    try {
      const bytes = await download(`${mirror}${file.name}.gz`, request, onprogress);
      const found = await request.identify(bytes);
      if (found?.set === 'MNIST' && found.part === file.part && found.items === file.items) return bytes;
      faults.push(`${hostOf(mirror)} sent something else (wrong SHA-256)`);
    } catch (error) {
      if (request.signal?.aborted) throw error;
      // The browser gives no reason when a server cannot be reached or does not allow the page to read it.
      const reason = error instanceof TypeError ? 'could not be reached' : (error as Error).message;
      faults.push(`${hostOf(mirror)} ${reason}`);
    }
  }
  throw new MirrorError(
    `MNIST could not be fetched: ${faults.join('; ')}. If you have the files, drop them here instead.`,
  );
}

async function download(
  address: string,
  { fetch = globalThis.fetch, signal }: MnistRequest,
  onprogress: (bytes: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(address, signal ? { signal } : {});
  if (!response.ok) throw new Error(`answered ${String(response.status)}`);
  if (!response.body) throw new Error('sent nothing');
  let received = 0;
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      received += chunk.byteLength;
      onprogress(received);
      controller.enqueue(chunk);
    },
  });
  return new Uint8Array(await new Response(response.body.pipeThrough(counter)).arrayBuffer());
}

function hostOf(mirror: string): string {
  return new URL(mirror).host;
}
