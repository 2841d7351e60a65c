/** The clock of the slow motion: one sample after another, each through three stages. */

/** What is being drawn: the code, the probabilities, the pixels; then all stay for a moment. */
export type Stage = 'latent' | 'probabilities' | 'pixels' | 'done';

const DURATIONS_MS: readonly (readonly [Stage, number])[] = [
  ['latent', 900],
  ['probabilities', 900],
  ['pixels', 1_500],
  ['done', 500],
];
const SAMPLE_MS = DURATIONS_MS.reduce((sum, [, duration]) => sum + duration, 0);

export interface Moment {
  /** Which sample, counted from where it started. */
  sample: number;
  stage: Stage;
  /** How much of the stage has passed, 0 to 1. */
  fraction: number;
}

export function momentAt(milliseconds: number): Moment {
  const sample = Math.floor(milliseconds / SAMPLE_MS);
  let left = milliseconds - sample * SAMPLE_MS;
  for (const [stage, duration] of DURATIONS_MS) {
    if (left < duration) return { sample, stage, fraction: left / duration };
    left -= duration;
  }
  return { sample, stage: 'done', fraction: 1 };
}

export class SlowMotion {
  moment = $state.raw<Moment>();
  #frame: number | undefined;

  get running(): boolean {
    return this.moment !== undefined;
  }

  /** Plays samples `from` to `count` - 1; calls back with each when it is complete. */
  start(from: number, count: number, oncomplete: (sample: number) => void): void {
    this.stop();
    const began = performance.now();
    let shown = from;
    const tick = (now: number): void => {
      const moment = momentAt(Math.max(0, now - began));
      const sample = from + moment.sample;
      if (sample > shown) oncomplete(shown);
      shown = sample;
      if (sample >= count) {
        this.stop();
        return;
      }
      this.moment = { ...moment, sample };
      this.#frame = requestAnimationFrame(tick);
    };
    this.moment = { sample: from, stage: 'latent', fraction: 0 };
    this.#frame = requestAnimationFrame(tick);
  }

  stop(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#frame = undefined;
    this.moment = undefined;
  }
}
