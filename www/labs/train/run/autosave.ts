/** Training runs kept in the browser, so that a reload loses at most some seconds. */

import type { TrainOptions } from '../../../engine/protocol';
import type { Database } from './database';
import type { HistoryData } from './history';
import type { StripFrame } from './observer.svelte';

export interface SavedRun {
  id: string;
  /** Milliseconds since 1970. */
  savedAt: number;
  step: number;
  epoch: number;
  /** Of the last evaluation, nats. */
  heldOutElbo: number | undefined;
  /** Model family, its parameters, the trainer's and the data's. */
  settings: TrainOptions;
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

/** Another tab may train too: each run has its own place, and the oldest makes room. */
const KEPT_RUNS = 3;

export class Autosave {
  readonly #open: () => Promise<Database>;

  constructor(open: () => Promise<Database>) {
    this.#open = open;
  }

  async save(run: SavedRun): Promise<void> {
    const transaction = (await this.#open()).transaction('runs', 'readwrite');
    await transaction.store.put(run);
    const ids = await transaction.store.index('savedAt').getAllKeys();
    for (const id of ids.slice(0, -KEPT_RUNS)) await transaction.store.delete(id);
    await transaction.done;
  }

  async newest(): Promise<SavedRun | undefined> {
    const cursor = await (
      await this.#open()
    )
      .transaction('runs')
      .store.index('savedAt')
      .openCursor(null, 'prev');
    return cursor?.value;
  }

  async remove(id: string): Promise<void> {
    await (await this.#open()).delete('runs', id);
  }
}
