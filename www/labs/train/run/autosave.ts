/** Training runs kept in the browser, so that a reload loses at most some seconds. */

import type { TrainOptions } from '../../../engine/protocol';
import { bytesOf, storeBlob, type BrowserStore, type StoredBytes } from './database';
import type { HistoryData } from './history';
import type { StripFrame } from './observer.svelte';

/** What is told of a run that is kept. */
export interface KeptRun {
  id: string;
  /** Milliseconds since 1970. */
  savedAt: number;
  step: number;
  epoch: number;
  /** Of the last evaluation, nats. */
  heldOutElbo: number | undefined;
  /** Model family, its parameters, the trainer's and the data's. */
  settings: TrainOptions;
  /** Signature of the data that it learnt from; runs of earlier versions have none. */
  data?: string | undefined;
}

export interface SavedRun extends KeptRun {
  /** A trainer's checkpoint. */
  checkpoint: Uint8Array;
  history: HistoryData;
  strip: readonly StripFrame[];
  /** A model that the run started from, in place of fresh weights. */
  weights: StartWeights | undefined;
}

/** A model from a file. */
export interface StartWeights {
  name: string;
  bytes: Uint8Array;
}

/** As it lies in the database. */
export interface StoredRun extends Omit<SavedRun, 'checkpoint'> {
  checkpoint: StoredBytes;
  /** The page that wrote it last. */
  writer?: string;
}

/** Runs of this browser; each page writes to those that it began or took over, and to no others. */
export class Autosave {
  readonly #store: BrowserStore;
  readonly #writer: string;

  constructor(store: BrowserStore, writer: string = newId()) {
    this.#store = store;
    this.#writer = writer;
  }

  /** Keeps a run in the place of its earlier state; false, and nothing is changed, where another page took it over. */
  save(run: SavedRun): Promise<boolean> {
    return storeBlob(new Blob([run.checkpoint.slice()]), (checkpoint) =>
      this.#put({ ...run, checkpoint, writer: this.#writer }),
    );
  }

  #put(stored: StoredRun): Promise<boolean> {
    return this.#store.use(async (database) => {
      const transaction = database.transaction('runs', 'readwrite');
      const work = async (): Promise<boolean> => {
        const before = await transaction.store.get(stored.id);
        if (before && before.writer !== this.#writer) return false;
        await transaction.store.put(stored);
        return true;
      };
      // The reason of a failure is the transaction's where the request has none.
      const [kept] = await Promise.all([work(), transaction.done]);
      return kept;
    });
  }

  /** From now on this page writes to the run; another one that still trains it is told at its next save. */
  takeOver(id: string): Promise<void> {
    return this.#store.use(async (database) => {
      const transaction = database.transaction('runs', 'readwrite');
      const work = async (): Promise<void> => {
        const run = await transaction.store.get(id);
        if (run) await transaction.store.put({ ...run, writer: this.#writer });
      };
      await Promise.all([work(), transaction.done]);
    });
  }

  /** Newest first. */
  async list(): Promise<KeptRun[]> {
    const runs = await this.#store.use((database) => database.getAllFromIndex('runs', 'savedAt'));
    return runs.reverse().map(({ id, savedAt, step, epoch, heldOutElbo, settings, data }) => ({
      id,
      savedAt,
      step,
      epoch,
      heldOutElbo,
      settings,
      data,
    }));
  }

  async read(id: string): Promise<SavedRun | undefined> {
    const stored = await this.#store.use((database) => database.get('runs', id));
    if (!stored) return undefined;
    const run = { ...stored, checkpoint: await bytesOf(stored.checkpoint) };
    delete run.writer;
    return run;
  }

  remove(id: string): Promise<void> {
    return this.#store.use((database) => database.delete('runs', id));
  }
}

/** Unlike any other page's. (`crypto.randomUUID` is for secure pages only.) */
export function newId(): string {
  return `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
}
