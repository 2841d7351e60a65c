/**
 * The climb from the encoder's q to the best Gaussian, a few steps at a time, in a worker. Where the encoder is far off it may
 * end on a lower hill: when it has ended, another one from the most probable of many codes is held against it.
 */

import { motion } from '../../components/motion.svelte';
import { engine } from '../../engine/client';
import type { Climbed } from '../../engine/protocol';
import { report } from '../../state/toasts.svelte';
import type { Subject } from './subject.svelte';

const KEY = 'posterior';
const OTHER_KEY = 'posterior-other';
/** Draws for the bounds where the climb starts and where it ends, as the command line has them. */
const ALL_DRAWS = 2_000;
/** Draws on the way: what matters there is how much higher q is than at the start, by the same draws. */
const FEW_DRAWS = 200;
const STEPS_A_CALL = 4;
/** Of the other climb, which nobody watches. */
const UNSEEN_STEPS_A_CALL = 40;
/** By so many standard errors of its ELBO another end must be higher to count as higher. */
const CLEARLY = 4;
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
  /** Of the ELBO of the place shown, nats: known where it has been compared by all draws. */
  standardError: number | undefined;
  /** The end of another climb, where it is higher than that of this one. */
  higher: Place | undefined;
  length: number;
}

export class Climb {
  view = $state.raw<ClimbView>();
  playing = $state(false);

  #generation = 0;
  #seed = 0;
  #ready: Promise<void> = Promise.resolve();
  #now: ClimbView | undefined;
  #shownAt = 0;
  #worker: Awaited<ReturnType<typeof engine.study>> | undefined;

  get steps(): number {
    return this.view?.path.at(-1)?.step ?? 0;
  }

  /** The other climb is under way. */
  searching = $state(false);

  get ended(): boolean {
    return this.view !== undefined && this.steps >= this.view.length && !this.searching;
  }

  async begin(subject: Subject, seed: number): Promise<void> {
    this.#generation += 1;
    const generation = this.#generation;
    this.playing = this.searching = false;
    this.#seed = seed;
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
        higher: undefined,
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
      if (isLast) await this.#searchElsewhere(this.#now, generation);
      return !isLast;
    } catch (error) {
      if (generation === this.#generation) {
        this.playing = false;
        report(error);
      }
      return false;
    }
  }

  async #searchElsewhere(reached: ClimbView, generation: number): Promise<void> {
    const { subject, path, encoderElbo, length } = reached;
    const own = path.at(-1);
    const worker = this.#worker;
    if (!worker || !own) return;
    this.searching = true;
    try {
      await worker.call('createClimb', [OTHER_KEY, subject.model.key, subject.pixels, this.#seed, 'search']);
      for (let steps = 0; steps < length; steps += UNSEEN_STEPS_A_CALL) {
        const isLast = steps + UNSEEN_STEPS_A_CALL >= length;
        const found = await worker.call('advanceClimb', [
          OTHER_KEY,
          UNSEEN_STEPS_A_CALL,
          isLast ? ALL_DRAWS : 2,
        ]);
        if (generation !== this.#generation) return;
        if (!isLast) continue;
        const elbo = encoderElbo + (found.elbo - found.encoderElbo);
        if (elbo > own.elbo + CLEARLY * Math.max(found.standardError, reached.standardError ?? 0)) {
          const higher = placeOf(found, elbo);
          this.#now = this.view = { ...reached, higher, standardError: found.standardError };
        }
      }
    } finally {
      if (generation === this.#generation) this.searching = false;
      void worker.call('releaseClimb', [OTHER_KEY]).catch(() => undefined);
    }
  }

  end(): void {
    this.#generation += 1;
    this.searching = false;
    this.playing = false;
    this.#now = this.view = undefined;
    void this.#worker?.call('releaseClimb', [KEY]).catch(() => undefined);
  }
}

function placeOf({ steps, mean, logVar }: Climbed, elbo: number): Place {
  return { step: steps, mean, logVar, elbo };
}
