/** Whether this tab alone has a run open. */

/** Holds one run at a time, until the tab is closed or takes another. */
export class Claim {
  readonly #locks: LockManager | undefined;
  #held: { id: string; release: () => void } | undefined;

  /** Pages that are not secure have no locks: there the autosave alone keeps two tabs apart. */
  constructor(locks: LockManager | undefined) {
    this.#locks = locks;
  }

  /** False where another tab has the run. */
  async take(id: string): Promise<boolean> {
    if (this.#held?.id === id) return true;
    this.#held?.release();
    this.#held = undefined;
    const locks = this.#locks;
    if (!locks) return true;
    return new Promise((answer) => {
      const hold = (lock: Lock | null): Promise<void> | undefined => {
        answer(lock !== null);
        if (!lock) return undefined;
        return new Promise((release) => {
          this.#held = { id, release };
        });
      };
      locks.request(`latent-canvas run ${id}`, { ifAvailable: true }, hold).catch(() => {
        answer(true);
      });
    });
  }
}
