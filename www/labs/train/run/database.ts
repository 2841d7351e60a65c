/** What the page keeps in this browser, and nowhere else: training runs, data files, the visitor's drawings. */

import { openDB, type DBSchema, type IDBPDatabase } from 'idb';

import type { OwnDrawing } from '../data/ownDrawings.svelte';
import type { StoredRun } from './autosave';

export interface Schema extends DBSchema {
  runs: { key: string; value: StoredRun; indexes: { savedAt: number } };
  files: { key: string; value: StoredBytes };
  drawings: { key: number; value: OwnDrawing };
}

/** A blob is not read until it is asked for, so that listing many is quick. */
export type StoredBytes = Blob | Uint8Array<ArrayBuffer>;

export type Database = IDBPDatabase<Schema>;

const NAME = 'latent-canvas';
const VERSION = 1;

/** What a connection says that the browser has closed, or whose data were cleared under it. */
const DEAD = ['InvalidStateError', 'UnknownError', 'NotFoundError'];

/** Stores a blob; where the browser takes none (WebKit in a private window), its bytes. */
export async function storeBlob<T>(blob: Blob, store: (bytes: StoredBytes) => Promise<T>): Promise<T> {
  try {
    return await store(blob);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'QuotaExceededError') throw error;
    return store(await bytesOf(blob));
  }
}

export async function bytesOf(stored: StoredBytes): Promise<Uint8Array<ArrayBuffer>> {
  return stored instanceof Blob ? new Uint8Array(await stored.arrayBuffer()) : stored;
}

/** A database that is opened at its first use, and anew when the browser has closed it. */
export class BrowserStore {
  /** The browser closed the database: its data may be gone. */
  onlost: (() => void) | undefined;
  readonly #name: string;
  #opened: Promise<Database> | undefined;

  constructor(name: string = NAME) {
    this.#name = name;
  }

  /**
   * Does some work; where the connection turns out to be dead, once more over a new one. Rejects where the browser
   * forbids storage.
   */
  async use<T>(work: (database: Database) => Promise<T>): Promise<T> {
    const opened = this.#open();
    try {
      return await work(await opened);
    } catch (error) {
      if (!(error instanceof DOMException && DEAD.includes(error.name))) throw error;
      this.#forget(opened);
      return work(await this.#open());
    }
  }

  #open(): Promise<Database> {
    if (this.#opened) return this.#opened;
    const lost = (): void => {
      if (this.#forget(opened)) this.onlost?.();
    };
    const opened = openDB<Schema>(this.#name, VERSION, {
      upgrade(fresh) {
        fresh.createObjectStore('runs', { keyPath: 'id' }).createIndex('savedAt', 'savedAt');
        fresh.createObjectStore('files');
        fresh.createObjectStore('drawings', { keyPath: 'id' });
      },
      // Who deletes the database must not wait for this page.
      blocking: lost,
      terminated: lost,
    });
    this.#opened = opened;
    // The next use tries again.
    opened.catch(() => this.#forget(opened));
    return opened;
  }

  /** Lets a connection go; false says that it was let go before. */
  #forget(opened: Promise<Database>): boolean {
    if (this.#opened !== opened) return false;
    this.#opened = undefined;
    void opened.then(
      (database) => {
        database.close();
      },
      () => undefined,
    );
    return true;
  }
}

export const store = new BrowserStore();

/** Why something could not be kept, in words: browsers often give no more than the error's name. */
export function storageReason(error: unknown): string {
  if (!(error instanceof Error || error instanceof DOMException)) return String(error);
  // Chromium's words, under the name of an unknown error, in a frame of another page.
  if (/denied permission/.test(error.message)) return 'the browser forbids storage to this page';
  switch (error.name) {
    case 'QuotaExceededError':
      return 'the space that the browser gives it is full';
    case 'SecurityError':
      return 'the browser forbids storage to this page';
    default:
      return error.message || error.name;
  }
}
