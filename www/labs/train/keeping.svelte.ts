/** What this browser keeps of training runs: the present one, saved again and again, and those before it. */

import { newId, type Autosave, type KeptRun, type SavedRun } from './run/autosave';
import type { Claim } from './run/claim';
import { storageReason } from './run/database';

export class Keeping {
  /** All but the present run, newest first. */
  others = $state.raw<readonly KeptRun[]>([]);
  /** When the present run was last kept, milliseconds since 1970. */
  savedAt = $state<number>();
  /** Why it cannot be kept, in words. */
  problem = $state<string>();
  /** What happened to the store, in words. */
  notice = $state<string>();
  readonly #autosave: Autosave;
  readonly #claim: Claim;
  #id = newId();
  #savedStep = 0;
  /** Saves one after the other: an older state must not come after a newer one. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(autosave: Autosave, claim: Claim) {
    this.#autosave = autosave;
    this.#claim = claim;
  }

  /** Another run begins. */
  async begin(): Promise<void> {
    await this.#become(newId(), 0);
    await this.list();
  }

  /** A kept run goes on here, or a copy of it where another tab has it open. */
  async goOn({ id, step, savedAt }: KeptRun): Promise<void> {
    const alone = await this.#claim.take(id);
    this.notice = undefined;
    if (alone) {
      await this.#autosave.takeOver(id).catch(() => undefined);
      await this.#become(id, step);
      this.savedAt = savedAt;
    } else {
      await this.#become(newId(), 0);
      this.notice = 'This run is open in another tab. Here it goes on as a copy, and the browser keeps both.';
    }
    await this.list();
  }

  /** Whether the present run is kept as far as this step. */
  holds(step: number): boolean {
    return this.problem === undefined && this.#savedStep >= step;
  }

  /** Keeps the present run; what cannot be kept is told and does not throw. */
  save(run: Omit<SavedRun, 'id' | 'savedAt'>): Promise<void> {
    const id = this.#id;
    const save = this.#queue.then(() => this.#save(run, id));
    this.#queue = save;
    return save;
  }

  async #save(run: Omit<SavedRun, 'id' | 'savedAt'>, id: string): Promise<void> {
    const savedAt = Date.now();
    try {
      if (!(await this.#autosave.save({ ...run, id, savedAt }))) {
        // The other tab's state is newer to its visitor; this one gets a place of its own.
        if (id !== this.#id) return;
        await this.#become(newId(), 0);
        await this.#autosave.save({ ...run, id: this.#id, savedAt });
        this.notice =
          'Another tab went on with this run. This tab keeps its own state as a copy, and the browser has both.';
        await this.list();
      } else if (id !== this.#id) {
        await this.list();
        return;
      }
      this.savedAt = savedAt;
      this.#savedStep = run.step;
      this.problem = undefined;
    } catch (error) {
      this.fail(error);
    }
  }

  /** When all that was to be kept is kept, or has failed. */
  async settled(): Promise<void> {
    await this.#queue;
  }

  fail(error: unknown): void {
    const room = this.others.length > 0 ? ' Deleting kept runs makes room.' : '';
    this.problem = `This run is not kept: ${storageReason(error)}.${room} Download the checkpoint to be safe; the page tries again by itself.`;
  }

  /** The browser closed the store, perhaps because its data were cleared. */
  lost(): void {
    this.notice =
      'The browser closed this page’s storage; perhaps its data were cleared. The page opened it anew, and this run is kept again from now on.';
    this.#savedStep = 0;
    void this.list();
  }

  async list(): Promise<void> {
    try {
      this.others = (await this.#autosave.list()).filter(({ id }) => id !== this.#id);
    } catch (error) {
      this.fail(error);
    }
  }

  read(id: string): Promise<SavedRun | undefined> {
    return this.#autosave.read(id);
  }

  async remove(ids: readonly string[]): Promise<void> {
    for (const id of ids) await this.#autosave.remove(id);
    await this.list();
  }

  async #become(id: string, step: number): Promise<void> {
    this.#id = id;
    this.#savedStep = step;
    this.savedAt = undefined;
    await this.#claim.take(id);
  }
}
