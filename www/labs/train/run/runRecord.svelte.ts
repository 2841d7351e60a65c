/** What a run has shown: its curves, and the pictures made of its model in passing. */

import type { StepReport } from '../../../engine/protocol';
import { History, nextEvaluation, nextKeepsake, type HistoryData } from './history';
import { Observer, type Call, type StripFrame } from './observer.svelte';
import type { LoadedData } from './runTypes';

const CURVES_INTERVAL_MS = 66;
const LOOK_INTERVAL_MS = 160;
const EVALUATED_IMAGES = 256;

/** The run as it is now. */
export interface Present {
  /** Where the worker keeps the trainer. */
  trainer: string;
  step: number;
  data: LoadedData | undefined;
  latents: number;
  /** Whether its model has a prior to draw from. */
  hasPrior: boolean;
  /** Whether it knows log p(x) in closed form or as a finite sum. */
  knowsExactly: boolean;
  /** Whether it tells classes. */
  classifies: boolean;
  /** Whether its pixels are black or white; else the drawing is shown to it in grey. */
  binaryPixels: boolean;
}

export class RunRecord {
  curves = $state.raw<HistoryData>();
  /** The curves of the run before the last reset, to compare with. */
  previous = $state.raw<HistoryData>();

  /** How long it took to measure and look the last time. */
  followMs = 0;

  readonly observer = new Observer();
  readonly #call: Call;
  readonly #present: () => Present;
  readonly #isWatched: () => boolean;
  #history = new History();
  #looking = false;
  #nextLook = 0;
  #curvesShown = 0;

  /** `isWatched` says whether anyone looks at curves and pictures. */
  constructor(call: Call, present: () => Present, isWatched: () => boolean) {
    this.#call = call;
    this.#present = present;
    this.#isWatched = isWatched;
  }

  data(): HistoryData {
    return this.#history.data();
  }

  /** Another run, or the same one from a checkpoint. */
  begin(history: History, strip: readonly StripFrame[]): void {
    this.#history = history;
    this.observer.forget();
    this.observer.strip = strip;
    this.showCurves();
  }

  add(report: StepReport): void {
    this.#history.addTrain(report.step, report);
  }

  /** Forgets what came after a step that was gone back to. */
  truncate(step: number): void {
    this.#history.truncate(step);
    this.observer.truncate(step);
  }

  /** After a slice that began at step `before`: measures and looks where that is due, and says when that is done. */
  async follow(before: number): Promise<void> {
    const isDue = this.#present().step >= nextEvaluation(before);
    const looking = this.#lookInPassing(before);
    if (!isDue && !looking) return;
    const started = performance.now();
    await Promise.all([isDue ? this.evaluate() : undefined, looking]).catch(() => undefined);
    this.followMs = performance.now() - started;
  }

  /** Measures and looks now. */
  async showAll(): Promise<void> {
    await this.evaluate();
    await this.look();
    this.showCurves();
  }

  async evaluate(): Promise<void> {
    const { trainer, step, data } = this.#present();
    if (!data) return;
    const count = Math.min(EVALUATED_IMAGES, data.heldOutSize);
    const history = this.#history;
    const measures = await this.#call('evaluate', [trainer, data.heldOutKey, count]);
    if (this.#history === history && this.#present().step >= step) history.addHeldOut(step, measures);
  }

  /** Makes the next look due at once. */
  hurry(): void {
    this.#nextLook = 0;
  }

  look(): Promise<void> {
    const { step } = this.#present();
    return this.#look(this.observer.strip.length === 0 || nextKeepsake(step - 1) === step);
  }

  showCurves(): void {
    this.#curvesShown = performance.now();
    this.curves = this.#history.data();
  }

  /** As `showCurves`, no more often than anyone could see. */
  showCurvesInPassing(): void {
    if (performance.now() - this.#curvesShown > CURVES_INTERVAL_MS && this.#isWatched()) this.showCurves();
  }

  /** While running: at most one look at a time, a fraction of the time, and always where a picture is kept. */
  #lookInPassing(before: number): Promise<void> | undefined {
    const keep = this.#present().step >= nextKeepsake(before);
    const now = performance.now();
    if (!keep && (this.#looking || now < this.#nextLook || !this.#isWatched())) return undefined;
    return this.#look(keep).catch(() => undefined);
  }

  async #look(keep: boolean): Promise<void> {
    const { data, ...model } = this.#present();
    if (!data) return;
    const started = performance.now();
    this.#looking = true;
    try {
      await this.observer.look(this.#call, data, model);
      if (keep) this.observer.keep();
    } finally {
      this.#looking = false;
      const now = performance.now();
      this.#nextLook = now + Math.max(LOOK_INTERVAL_MS, 2 * (now - started));
    }
  }
}
