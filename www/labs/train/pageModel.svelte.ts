/** The model in training as the page's model: taken over once, or followed while it learns. */

import { models } from '../../state/model.svelte';
import type { TrainingRun } from './run/run.svelte';

const KEY = 'trained';
const LABEL = 'trained in this tab';
/** The page's model follows this often: its posterior grid takes a moment. */
const FOLLOW_INTERVAL_MS = 2_500;

export class PageModel {
  readonly isCurrent = $derived(models.current?.key === KEY);
  #wanted = $state(false);
  /** It is the run's, and follows it while it trains. */
  readonly follows = $derived(this.#wanted && this.isCurrent);
  readonly #run: TrainingRun;
  #adoptedAtMs = 0;

  constructor(run: TrainingRun) {
    this.#run = run;
  }

  /** The page takes the model as it is now. */
  async adopt(): Promise<void> {
    if (!this.isCurrent) this.#wanted = false;
    this.#adoptedAtMs = performance.now();
    const { glimpse } = this.#run.record.observer;
    const bytes = await this.#run.saveModel();
    const codes = glimpse && {
      mean: glimpse.means,
      label: glimpse.codes.label,
      latents: glimpse.latents,
      count: glimpse.codes.count,
    };
    await models.adopt(KEY, LABEL, bytes, codes);
  }

  /** The page's model follows the run from now on, or stays as it is. */
  async setFollows(wanted: boolean): Promise<void> {
    if (wanted && !this.isCurrent) await this.adopt();
    this.#wanted = wanted;
  }

  /** The training moved on: the page's model follows now and then. */
  async follow(): Promise<void> {
    const due = performance.now() - this.#adoptedAtMs > FOLLOW_INTERVAL_MS || !this.#run.isRunning;
    if (this.follows && this.#run.isReady && due) await this.adopt();
  }
}
