/** Time over which images per second are averaged. */
const MEMORY_MS = 1_000;

/** Images per second of wall-clock time, averaged over about a second. */
export class Throughput {
  #rate = 0;
  #last = 0;

  restart(nowMs: number): void {
    this.#rate = 0;
    this.#last = nowMs;
  }

  /** Counts the images of steps that have ended by now, and gives the rate; a step under way changes nothing. */
  add(steps: readonly { images: number }[], nowMs: number): number {
    if (steps.length === 0) return this.#rate;
    const images = steps.reduce((sum, step) => sum + step.images, 0);
    const elapsed = nowMs - this.#last;
    this.#last = nowMs;
    if (elapsed <= 0) return this.#rate;
    const weight = this.#rate === 0 ? 1 : 1 - Math.exp(-elapsed / MEMORY_MS);
    this.#rate += weight * ((1_000 * images) / elapsed - this.#rate);
    return this.#rate;
  }
}
