/** The visitor's own drawings, labelled, to be trained on. They stay in this browser. */

import { PIXELS } from '../../../engine/protocol';
import type { BrowserStore } from '../run/database';

export interface OwnDrawing {
  id: number;
  /** 0 to 9; undefined where the visitor did not say. */
  label: number | undefined;
  /** The normal form, 784. */
  pixels: Float32Array;
}

/** How an unknown label crosses to the engine. */
const UNKNOWN = 255;

export class OwnDrawings {
  /** Oldest first. */
  items = $state.raw<readonly OwnDrawing[]>([]);
  readonly #store: BrowserStore;

  constructor(store: BrowserStore) {
    this.#store = store;
  }

  async restore(): Promise<void> {
    this.items = await this.#store.use((database) => database.getAll('drawings'));
  }

  /** Adds one. Where it cannot be kept it stays as long as the page, and the reason is thrown. */
  async add(pixels: Float32Array, label: number | undefined): Promise<void> {
    const before = this.items;
    const drawing = { id: 1 + Math.max(0, ...before.map(({ id }) => id)), label, pixels };
    this.items = [...before, drawing];
    const stored = await this.#store.use(async (database) => {
      const transaction = database.transaction('drawings', 'readwrite');
      const work = async (): Promise<OwnDrawing[]> => {
        // Another tab may have added some: the number is the store's to give.
        const last = await transaction.store.openKeyCursor(null, 'prev');
        await transaction.store.add({ ...drawing, id: 1 + (last?.key ?? 0) });
        return transaction.store.getAll();
      };
      const [all] = await Promise.all([work(), transaction.done]);
      return all;
    });
    this.items = stored;
  }

  async remove(ids: readonly number[]): Promise<void> {
    this.items = this.items.filter(({ id }) => !ids.includes(id));
    await this.#store.use(async (database) => {
      const transaction = database.transaction('drawings', 'readwrite');
      await Promise.all([...ids.map((id) => transaction.store.delete(id)), transaction.done]);
    });
  }

  /** Changes whenever the set does. */
  get signature(): string {
    return this.items.map(({ id, label }) => `${String(id)}/${String(label ?? '?')}`).join(' ');
  }

  /** All of them, each as often as asked, with labels. */
  repeated(times: number): { pixels: Float32Array; labels: Uint8Array } {
    const count = this.items.length;
    const pixels = new Float32Array(count * times * PIXELS);
    const labels = new Uint8Array(count * times);
    for (let at = 0; at < count * times; at += 1) {
      const drawing = this.items[at % count];
      if (!drawing) continue;
      pixels.set(drawing.pixels, at * PIXELS);
      labels[at] = drawing.label ?? UNKNOWN;
    }
    return { pixels, labels };
  }
}
