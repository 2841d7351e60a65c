/** How often a run that trains is kept. */

/** Who leaves the page loses what came after the last checkpoint, for a page that goes waits for nothing. */
const INTERVAL_MS = 3_000;
/** Checkpoints of a large model may take this share of the time, no more. */
const LARGEST_SHARE = 0.05;

export class CheckpointPace {
  readonly #take: () => Promise<unknown>;
  #next = Infinity;

  constructor(take: () => Promise<unknown>) {
    this.#take = take;
  }

  /** Training starts. */
  begin(): void {
    this.#next = performance.now() + INTERVAL_MS;
  }

  checkpointIfDue(): void {
    const started = performance.now();
    if (started < this.#next) return;
    this.#next = Infinity;
    const plan = (): void => {
      const now = performance.now();
      this.#next = now + Math.max(INTERVAL_MS, (now - started) / LARGEST_SHARE);
    };
    this.#take().then(plan, plan);
  }
}
