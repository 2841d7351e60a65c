/** A small model that is trained before the visitor's eyes, for some seconds, in the worker for studies. */

import { engine } from '../../engine/client';
import { isAbort } from '../../engine/latest';
import type { ModelSpec, StepReport, TrainOptions } from '../../engine/protocol';
import { manifoldLatents } from '../../state/lattice';
import { report } from '../../state/toasts.svelte';

/** Pictures along a side of what it draws. */
export const COLUMNS = 9;
/** Half the side of the square of codes that they are decoded from. */
export const EXTENT = 2.5;

const IMAGES = 2_000;
/** A call to the worker takes about this long. */
const SLICE_MS = 60;
/** Between two looks at what it draws. */
const LOOK_MS = 500;
const MOST_REPORTS_A_SLICE = 100;

export interface Plan {
  spec?: Partial<ModelSpec>;
  options?: TrainOptions;
  seed: number;
}

export class SmallRun {
  /** Mean of the steps of each slice. */
  reports = $state.raw<readonly StepReport[]>([]);
  /** What it draws, 9×9 codes over the plane. */
  pictures = $state.raw<Float32Array>();
  running = $state(false);
  /** Trained so far. */
  seconds = $state(0);
  readonly key: string;
  /** Counts the plans: what belongs to an older one is dropped. */
  #round = 0;
  /** The worker has what is to be trained. */
  #isReady = false;
  #isOver = false;

  constructor(name: string) {
    this.key = `story ${name}`;
  }

  /** A new model, before its first step. */
  async prepare({ spec, options, seed }: Plan): Promise<void> {
    // Whoever waited for something meanwhile must not begin again what nobody looks at.
    if (this.#isOver) return;
    const round = this.#begin();
    try {
      const worker = engine.studies;
      // What began since makes these anew: nothing of this plan may come between.
      await worker.call('strokesDataset', [this.key, IMAGES, seed]);
      if (round !== this.#round) return;
      await worker.call('createModel', [
        this.key,
        { model: 'vae', latents: 2, hidden: [128], activation: 'relu', ...spec } as ModelSpec,
        seed,
      ]);
      if (round !== this.#round) return;
      await worker.call('createTrainer', [this.key, this.key, this.key, { seed, ...options }]);
      if (round !== this.#round) return;
      this.#isReady = true;
      await this.#look(round);
    } catch (error) {
      this.#fail(error, round);
    }
  }

  /** Trains for some seconds; false where something else began meanwhile, or where it has been let go of. */
  async train(seconds: number): Promise<boolean> {
    const round = this.#round;
    if (!this.#isReady) return false;
    this.running = true;
    try {
      const goal = this.seconds + seconds;
      let looked = performance.now();
      while (this.seconds < goal) {
        const began = performance.now();
        const steps = await engine.studies.call('train', [this.key, SLICE_MS, MOST_REPORTS_A_SLICE]);
        if (round !== this.#round) return false;
        this.seconds += (performance.now() - began) / 1_000;
        if (steps.length > 0) this.reports = [...this.reports, meanOf(steps)];
        if (performance.now() - looked > LOOK_MS) {
          await this.#look(round);
          looked = performance.now();
        }
      }
      await this.#look(round);
      return round === this.#round;
    } catch (error) {
      this.#fail(error, round);
      return false;
    } finally {
      if (round === this.#round) this.running = false;
    }
  }

  /** Lets go of it, for good. */
  end(): void {
    this.#isOver = true;
    this.#round += 1;
    this.#isReady = false;
    this.running = false;
    void engine.studies.call('releaseTrainer', [this.key]).catch(() => undefined);
    void engine.studies.call('releaseModel', [this.key]).catch(() => undefined);
    void engine.studies.call('releaseDataset', [this.key]).catch(() => undefined);
  }

  #begin(): number {
    this.#round += 1;
    this.#isReady = false;
    this.reports = [];
    this.pictures = undefined;
    this.running = false;
    this.seconds = 0;
    return this.#round;
  }

  #fail(error: unknown, round: number): void {
    if (round !== this.#round) return;
    this.running = false;
    if (!isAbort(error)) report(error);
  }

  async #look(round: number): Promise<void> {
    await engine.studies.call('snapshotModel', [this.key, this.key]);
    const pictures = await engine.studies.call('decode', [this.key, manifoldLatents(COLUMNS, EXTENT)]);
    if (round === this.#round) this.pictures = pictures;
  }
}

function meanOf(steps: readonly StepReport[]): StepReport {
  const last = steps[steps.length - 1] as StepReport;
  const mean = (of: (one: StepReport) => number): number =>
    steps.reduce((sum, one) => sum + of(one), 0) / steps.length;
  return {
    ...last,
    elbo: mean(({ elbo }) => elbo),
    reconstruction: mean(({ reconstruction }) => reconstruction),
    kl: mean(({ kl }) => kl),
  };
}

/** Reconstruction cost and KL at the end, nats: the mean of the last slices. */
export function endOf(reports: readonly StepReport[]): { cost: number; kl: number } {
  const last = reports.slice(-8);
  const mean = (of: (one: StepReport) => number): number =>
    last.reduce((sum, one) => sum + of(one), 0) / Math.max(1, last.length);
  return { cost: -mean(({ reconstruction }) => reconstruction), kl: mean(({ kl }) => kl) };
}
