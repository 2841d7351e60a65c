/** The engine's objects under names. What is left out is freed, for wasm memory is not garbage-collected. */

import { EngineError } from './protocol';

interface Freed {
  free(): void;
}

export class Table<T extends Freed> {
  readonly #what: string;
  readonly #entries = new Map<string, T>();

  constructor(what: string) {
    this.#what = what;
  }

  get entries(): [string, T][] {
    return [...this.#entries];
  }

  get(key: string): T {
    const entry = this.#entries.get(key);
    if (!entry) throw new EngineError('invalid-argument', `There is no ${this.#what} called "${key}".`);
    return entry;
  }

  set(key: string, entry: T): T {
    this.delete(key);
    this.#entries.set(key, entry);
    return entry;
  }

  delete(key: string): void {
    this.#entries.get(key)?.free();
    this.#entries.delete(key);
  }
}

/** One object, made of a model and large: that of another model replaces it. */
export class Single<T extends Freed> {
  readonly #make: (key: string) => T;
  #entry: { key: string; made: T } | undefined;

  constructor(make: (key: string) => T) {
    this.#make = make;
  }

  of(key: string): T {
    if (this.#entry?.key !== key) {
      this.forget();
      this.#entry = { key, made: this.#make(key) };
    }
    return this.#entry.made;
  }

  /** Lets go of that model's, or of any. */
  forget(key?: string): void {
    if (key !== undefined && this.#entry?.key !== key) return;
    this.#entry?.made.free();
    this.#entry = undefined;
  }
}
