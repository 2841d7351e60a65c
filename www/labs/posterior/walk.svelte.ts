/** Chains that walk while one watches: they live in a worker, and what they have drawn lies here. */

import { motion } from '../../components/motion.svelte';
import { engine } from '../../engine/client';
import type { WalkDiagnosis, WalkOptions } from '../../engine/protocol';
import { report } from '../../state/toasts.svelte';
import type { Subject } from './subject.svelte';
import { Variation } from './variation';

/** Steps of each chain, warm-up and all; then the walk ends. */
export const MOST_STEPS = 5_000;
/** Steps that find the size of the moves where it is not given by hand. */
export const WARM_UP = 150;
export const LAGS = 60;

const KEY = 'posterior';
/** A call to the worker takes about this long, so that Pause is answered at once. */
const CALL_MS = 14;
const MOST_STEPS_A_CALL = 60;
/** The diagnosis is asked for again after this long, or after this many times the duration of the last answer. */
const DIAGNOSIS_MS = 300;
const DIAGNOSIS_PATIENCE = 8;
/** With reduced motion pictures change this often. */
const STILL_MS = 700;

/** What is on show; made anew with every change. */
export interface WalkView {
  subject: Subject;
  chains: number;
  latents: number;
  warmUp: number;
  /** Steps so far; the places of step 0 are the start. */
  steps: number;
  /** (steps + 1)×chains×K, and room for more. */
  places: Float32Array;
  /** Places of the last step, from where it began to the proposals: n×chains×K. */
  orbit: Float32Array;
  /** Whether each chain went to its last proposal. */
  moved: boolean[];
  /** The size of the next move, of a kernel that has one. */
  scale: number | undefined;
  diagnosis: WalkDiagnosis | undefined;
  /** Against the exact posterior, with what as many independent draws would have. */
  variation: { value: number; expected: number } | undefined;
}

export class Walk {
  view = $state.raw<WalkView>();
  playing = $state(false);
  /** Steps a second; Infinity for as many as there are. */
  pace = $state(20);

  /** Counts the walks: what comes from an older one is dropped. */
  #generation = 0;
  #ready: Promise<void> = Promise.resolve();
  #variation: Variation | undefined;
  #stepMs = CALL_MS;
  #diagnosedAt = 0;
  #diagnosisMs = 0;
  #shownAt = 0;
  /** The newest state, which may not be on show yet. */
  #now: WalkView | undefined;
  #worker: Awaited<ReturnType<typeof engine.study>> | undefined;

  get ended(): boolean {
    return (this.view?.steps ?? 0) >= MOST_STEPS;
  }

  /** Puts chains where they start; they stand until told to go. */
  async begin(subject: Subject, options: WalkOptions): Promise<void> {
    this.#generation += 1;
    const generation = this.#generation;
    this.playing = false;
    const ready = this.#create(subject, options, generation);
    this.#ready = ready;
    await ready;
  }

  async #create(subject: Subject, options: WalkOptions, generation: number): Promise<void> {
    try {
      const worker = await engine.study(subject.model.key);
      const given = subject.mask ? { ...options, mask: subject.mask } : options;
      const start = await worker.call('createWalk', [KEY, subject.model.key, subject.pixels, given]);
      if (generation !== this.#generation) return;
      this.#worker = worker;
      const { latents } = subject.model;
      const chains = start.length / latents;
      const places = new Float32Array((MOST_STEPS + 1) * start.length);
      places.set(start);
      this.#variation = subject.exact && new Variation(subject.exact.posterior);
      this.#diagnosedAt = 0;
      this.#now = {
        subject,
        chains,
        latents,
        warmUp: options.warmUp ?? 0,
        steps: 0,
        places,
        orbit: start,
        moved: Array.from({ length: chains }, () => true),
        scale: options.scale,
        diagnosis: undefined,
        variation: undefined,
      };
      this.view = this.#now;
    } catch (error) {
      if (generation !== this.#generation) return;
      this.view = this.#now = undefined;
      report(error);
    }
  }

  pause(): void {
    this.playing = false;
  }

  /** One step of every chain. */
  async step(): Promise<void> {
    this.playing = false;
    await this.#ready;
    const generation = this.#generation;
    await this.#advance(1, generation);
    await this.#diagnose(generation);
  }

  async play(): Promise<void> {
    if (this.playing) return;
    this.playing = true;
    await this.#ready;
    const generation = this.#generation;
    const goesOn = (): boolean => this.playing && generation === this.#generation && !!this.#now;
    let last = performance.now();
    let credit = 1;
    while (goesOn() && (this.#now?.steps ?? MOST_STEPS) < MOST_STEPS) {
      const now = await nextFrame();
      // 0 times infinity is NaN.
      credit = this.pace === Infinity ? Infinity : credit + (Math.max(0, now - last) / 1_000) * this.pace;
      last = now;
      const possible = Math.max(1, Math.min(MOST_STEPS_A_CALL, Math.floor(CALL_MS / this.#stepMs)));
      const left = MOST_STEPS - (this.#now?.steps ?? 0);
      const steps = Math.min(Math.floor(credit), possible, left);
      if (steps < 1) continue;
      // What could not be done in time is not made up for.
      credit = Math.min(credit - steps, 1);
      if (!(await this.#advance(steps, generation))) break;
      if (
        performance.now() - this.#diagnosedAt >
        Math.max(DIAGNOSIS_MS, DIAGNOSIS_PATIENCE * this.#diagnosisMs)
      ) {
        await this.#diagnose(generation);
      }
    }
    if (generation !== this.#generation) return;
    this.playing = false;
    await this.#diagnose(generation);
  }

  /** Whether the walk goes on. */
  async #advance(steps: number, generation: number): Promise<boolean> {
    const before = this.#now;
    if (!before || !this.#worker || before.steps + steps > MOST_STEPS) return false;
    try {
      const began = performance.now();
      const found = await this.#worker.call('advanceWalk', [KEY, steps]);
      if (generation !== this.#generation) return false;
      this.#stepMs = 0.7 * this.#stepMs + 0.3 * ((performance.now() - began) / steps);
      const width = before.chains * before.latents;
      before.places.set(found.latents, (before.steps + 1) * width);
      const done = before.steps + steps;
      if (this.#variation && done > before.warmUp) {
        const from = Math.max(before.steps, before.warmUp) + 1;
        this.#variation.add(before.places.subarray(from * width, (done + 1) * width));
      }
      const variation = this.#variation && {
        value: this.#variation.value,
        expected: this.#variation.expected,
      };
      const last = before.places.subarray(done * width, (done + 1) * width);
      const proposed = found.orbit.subarray(found.orbit.length - width);
      const moved = before.moved.map((_, chain) =>
        Array.from({ length: before.latents }, (_, k) => chain * before.latents + k).every(
          (at) => last[at] === proposed[at],
        ),
      );
      this.#now = { ...before, steps: done, orbit: found.orbit, moved, scale: found.scale, variation };
      this.#show();
      return true;
    } catch (error) {
      if (generation === this.#generation) {
        this.playing = false;
        report(error);
      }
      return false;
    }
  }

  async #diagnose(generation: number): Promise<void> {
    if (!this.#now || !this.#worker || generation !== this.#generation) return;
    try {
      const began = performance.now();
      const diagnosis = await this.#worker.call('diagnoseWalk', [KEY, LAGS]);
      if (generation !== this.#generation) return;
      this.#diagnosedAt = performance.now();
      this.#diagnosisMs = this.#diagnosedAt - began;
      this.#now = { ...this.#now, diagnosis };
      this.#show(true);
    } catch (error) {
      if (generation === this.#generation) report(error);
    }
  }

  #show(now = false): void {
    const time = performance.now();
    if (!now && motion.reduced && this.playing && time - this.#shownAt < STILL_MS) return;
    this.#shownAt = time;
    this.view = this.#now;
  }

  /** Forgets the walk, here and in the worker. */
  end(): void {
    this.#generation += 1;
    this.playing = false;
    this.view = this.#now = undefined;
    void this.#worker?.call('releaseWalk', [KEY]).catch(() => undefined);
  }
}

function nextFrame(): Promise<number> {
  return new Promise((resolve) => requestAnimationFrame(resolve));
}
