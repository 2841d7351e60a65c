/** The visitor's own drawings, labelled, to be trained on. They stay in this browser. */

import { PIXELS } from '../../../engine/protocol';
import type { Database } from '../run/database';

export interface OwnDrawing {
  id: number;
  /** 0 to 9. */
  label: number;
  /** The normal form, 784. */
  pixels: Float32Array;
}

export class OwnDrawings {
  /** Oldest first. */
  items = $state.raw<readonly OwnDrawing[]>([]);
  readonly #open: () => Promise<Database>;

  constructor(open: () => Promise<Database>) {
    this.#open = open;
  }

  async restore(): Promise<void> {
    this.items = await (await this.#open()).getAll('drawings');
  }

  async add(pixels: Float32Array, label: number): Promise<void> {
    const drawing = { id: 1 + Math.max(0, ...this.items.map(({ id }) => id)), label, pixels };
    this.items = [...this.items, drawing];
    await (await this.#open()).put('drawings', drawing);
  }

  async remove(id: number): Promise<void> {
    this.items = this.items.filter((drawing) => drawing.id !== id);
    await (await this.#open()).delete('drawings', id);
  }

  async clear(): Promise<void> {
    this.items = [];
    await (await this.#open()).clear('drawings');
  }

  /** Changes whenever the set does. */
  get signature(): string {
    return this.items.map(({ id, label }) => `${String(id)}/${String(label)}`).join(' ');
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
      labels[at] = drawing.label;
    }
    return { pixels, labels };
  }
}
