/** A figure that workers compute from its inputs: the newest request wins, and errors are shown. */

import { LatestWins } from '../engine/latest';
import { report } from './toasts.svelte';

export class Figure<T> {
  #shown = $state.raw<{ subject: unknown; value: T }>();
  readonly #lane: LatestWins;

  /** What happens to a request under way when a newer one comes: it finishes and is shown meanwhile, or it is aborted. */
  constructor(inFlight: 'finish' | 'abort' = 'finish') {
    this.#lane = new LatestWins(inFlight);
  }

  /** The newest value found for that subject, which is usually the model: the value of another subject is never shown. */
  of(subject: unknown): T | undefined {
    return this.#shown?.subject === subject ? this.#shown?.value : undefined;
  }

  /** Shows a value that was computed before the page was opened. */
  recall(subject: unknown, value: T): void {
    this.#shown = { subject, value };
  }

  /**
   * Computes the figure anew; the old one stays in sight until then. `show` shows a first part of it.
   *
   * Gives the value, or nothing where a newer request took its place or where it failed. After a failure the figure is
   * empty: the old one would stand beside inputs that are not its own.
   */
  async find(
    subject: unknown,
    compute: (signal: AbortSignal, show: (value: T) => void) => Promise<T>,
  ): Promise<T | undefined> {
    let started: AbortSignal | undefined;
    try {
      return await this.#lane.submit(async (signal) => {
        started = signal;
        const show = (value: T): void => {
          if (!signal.aborted) this.#shown = { subject, value };
        };
        const value = await compute(signal, show);
        show(value);
        return value;
      });
    } catch (error) {
      if (started && !started.aborted) this.#shown = undefined;
      report(error);
      return undefined;
    }
  }

  /** Empties the figure and gives up what is under way. */
  clear(): void {
    this.#lane.clear();
    this.#shown = undefined;
  }
}
