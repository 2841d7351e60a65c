/** The climb from the encoder's q to the best Gaussian, a few steps at a time, in a worker. */

import { motion } from '../../components/motion.svelte';
import { engine } from '../../engine/client';
import type { Climbed } from '../../engine/protocol';
import { report } from '../../state/toasts.svelte';
import type { Subject } from './subject.svelte';

const KEY = 'posterior';
/** Draws for the bounds where the climb starts and where it ends, as the command line has them. */
const ALL_DRAWS = 2_000;
/** Draws on the way: what matters there is how much higher q is than at the start, by the same draws. */
const FEW_DRAWS = 200;
const STEPS_A_CALL = 4;
/** With reduced motion pictures change this often. */
const STILL_MS = 700;

export interface Place {
  step: number;
  mean: Float32Array;
  logVar: Float32Array;
  /** Nats. */
  elbo: number;
}

export interface ClimbView {
  subject: Subject;
  /** Where it has been, the encoder's answer first. */
  path: readonly Place[];
  encoderElbo: number;
  /** Of the last place's ELBO, nats: known where it has been compared by all draws. */
  standardError: number | undefined;
  length: number;
}

export class Climb {
  view = $state.raw<ClimbView>();
  playing = $state(false);

  #generation = 0;
  #ready: Promise<void> = Promise.resolve();
  #now: ClimbView | undefined;
  #shownAt = 0;
  #worker: Awaited<ReturnType<typeof engine.study>> | undefined;

  get steps(): number {
    return this.view?.path.at(-1)?.step ?? 0;
  }

  get ended(): boolean {
    return this.view !== undefined && this.steps >= this.view.length;
  }

  async begin(subject: Subject, seed: number): Promise<void> {
    this.#generation += 1;
    const generation = this.#generation;
    this.playing = false;
    this.#ready = this.#create(subject, seed, generation);
    await this.#ready;
  }

  async #create(subject: Subject, seed: number, generation: number): Promise<void> {
    try {
      const worker = await engine.study(subject.model.key);
      await worker.call('createClimb', [KEY, subject.model.key, subject.pixels, seed]);
      const start = await worker.call('advanceClimb', [KEY, 0, ALL_DRAWS]);
      if (generation !== this.#generation) return;
      this.#worker = worker;
      this.#now = this.view = {
        subject,
        path: [placeOf(start, start.encoderElbo)],
        encoderElbo: start.encoderElbo,
        standardError: undefined,
        length: start.length,
      };
    } catch (error) {
      if (generation !== this.#generation) return;
      this.#now = this.view = undefined;
      report(error);
    }
  }

  pause(): void {
    this.playing = false;
  }

  async step(): Promise<void> {
    this.playing = false;
    await this.#ready;
    await this.#advance(this.#generation);
    this.view = this.#now;
  }

  async play(): Promise<void> {
    if (this.playing) return;
    this.playing = true;
    await this.#ready;
    const generation = this.#generation;
    while (this.playing && generation === this.#generation) {
      if (!(await this.#advance(generation))) break;
      // A frame between calls, so that the page draws what it has.
      await new Promise(requestAnimationFrame);
    }
    if (generation !== this.#generation) return;
    this.playing = false;
    this.view = this.#now;
  }

  /** Whether there is more to climb. */
  async #advance(generation: number): Promise<boolean> {
    const before = this.#now;
    const from = before?.path.at(-1);
    if (!before || !from || !this.#worker || from.step >= before.length) return false;
    try {
      const isLast = from.step + STEPS_A_CALL >= before.length;
      const draws = isLast ? ALL_DRAWS : FEW_DRAWS;
      const found = await this.#worker.call('advanceClimb', [KEY, STEPS_A_CALL, draws]);
      if (generation !== this.#generation) return false;
      const elbo = before.encoderElbo + (found.elbo - found.encoderElbo);
      this.#now = {
        ...before,
        path: [...before.path, placeOf(found, elbo)],
        standardError: isLast ? found.standardError : undefined,
      };
      const time = performance.now();
      if (isLast || !motion.reduced || time - this.#shownAt > STILL_MS) {
        this.#shownAt = time;
        this.view = this.#now;
      }
      return !isLast;
    } catch (error) {
      if (generation === this.#generation) {
        this.playing = false;
        report(error);
      }
      return false;
    }
  }

  end(): void {
    this.#generation += 1;
    this.playing = false;
    this.#now = this.view = undefined;
    void this.#worker?.call('releaseClimb', [KEY]).catch(() => undefined);
  }
}

function placeOf({ steps, mean, logVar }: Climbed, elbo: number): Place {
  return { step: steps, mean, logVar, elbo };
}
