/** The race of the estimators: streams in a worker, side by side by what they have cost so far. */

import { engine, type WorkerClient } from '../../engine/client';
import { isAbort } from '../../engine/latest';
import { EngineError, type LogLikelihood } from '../../engine/protocol';
import type { CurrentModel } from '../../state/model.svelte';
import { report } from '../../state/toasts.svelte';
import { pieceOf, RUNNERS, withPoint, type Point, type RunnerName } from './runners';
import type { Speed } from './settings';

/** A runner stops after this many decoded codes. */
export const HOME = 200_000;
/** How much farther the race may be after a second, as a factor: on a logarithmic axis that is a steady pace. */
const FACTOR_PER_SECOND: Readonly<Record<Speed, number>> = { slow: 1.7, normal: 4, fast: Infinity };
/** By this factor a step takes the race farther. */
const STEP_FACTOR = 1.5;
const FIRST_ALLOWANCE = 2;
/** Between two pictures of the race on screen. */
const PICTURE_MS = 40;
/** A tab that was hidden does not catch up all at once. */
const LONGEST_FRAME_S = 0.1;

export interface Course {
  model: CurrentModel;
  pixels: Float32Array;
  seed: number;
  /** Draws in a group of the importance weighted bound. */
  k: number;
  /** Models that p(x) sums over, if it does. */
  classes: number;
}

export interface Standing {
  points: readonly Point[];
  estimate: LogLikelihood | undefined;
  /** Codes decoded so far, those of chains still on their way too. */
  evaluations: number;
  startsAtPosterior: boolean;
  /** Why it cannot go on. */
  problem: string | undefined;
}

export type Status = 'ready' | 'running' | 'paused' | 'home';

export class Race {
  #status = $state<Status>('ready');
  #shown = $state.raw<Partial<Record<RunnerName, Standing>>>({});
  #standings: Partial<Record<RunnerName, Standing>> = {};
  #course: Course | undefined;
  #who: readonly RunnerName[] = RUNNERS;
  #speed: Speed = 'normal';
  /** Evaluations that the race may have come to by now. */
  #allowance = FIRST_ALLOWANCE;
  /** Counts beginnings: what was asked before the last of them is dropped. */
  #round = 0;
  #working = false;
  #worker: WorkerClient | undefined;
  #lastPicture = 0;

  get status(): Status {
    return this.#status;
  }

  /** How far each has come; who has not started is missing. */
  get standings(): Partial<Record<RunnerName, Standing>> {
    return this.#shown;
  }

  /** Another picture, model or seed: the race begins anew; who was running runs again. */
  prepare(course: Course | undefined): void {
    const runs = this.#status === 'running' && course !== undefined;
    this.reset();
    this.#course = course;
    if (runs) this.play();
  }

  /** Another size of groups: only their runner begins anew, and catches up. */
  setGroup(k: number): void {
    if (!this.#course || this.#course.k === k) return;
    this.#course = { ...this.#course, k };
    this.#forget('iwae');
  }

  setSpeed(speed: Speed): void {
    this.#speed = speed;
  }

  /** Who runs; the others stay where they are. */
  setRunners(who: readonly RunnerName[]): void {
    this.#who = who;
    if (this.#status === 'home') this.#status = 'paused';
  }

  play(): void {
    if (!this.#course || this.#status === 'running') return;
    this.#allowance = Math.max(this.#allowance, this.#front());
    this.#status = 'running';
    void this.#run();
  }

  pause(): void {
    if (this.#status !== 'running') return;
    this.#status = 'paused';
    this.#picture();
  }

  /** A little farther, then at rest again. */
  async step(): Promise<void> {
    if (!this.#course || this.#status === 'running' || this.#working) return;
    const goal = Math.min(HOME, Math.ceil(Math.max(FIRST_ALLOWANCE, this.#front()) * STEP_FACTOR));
    this.#allowance = goal;
    await this.#work(() => goal);
    if (this.#status === 'ready') this.#status = 'paused';
    this.#picture();
  }

  reset(): void {
    this.#round += 1;
    this.#status = 'ready';
    this.#allowance = FIRST_ALLOWANCE;
    for (const name of RUNNERS) this.#forget(name);
    this.#picture();
  }

  #forget(name: RunnerName): void {
    if (!this.#standings[name]) return;
    const others = Object.entries(this.#standings).filter(([one]) => one !== name);
    this.#standings = Object.fromEntries(others);
    void this.#worker?.call('releaseStream', [streamKey(name)]).catch(() => undefined);
    this.#picture();
  }

  /** The evaluations of all runners together. */
  #front(): number {
    const done = this.#running().map((name) => this.#standings[name]?.evaluations ?? 0);
    return done.length > 0 ? Math.min(...done) : 0;
  }

  #running(): RunnerName[] {
    return this.#who.filter((name) => this.#standings[name]?.problem === undefined);
  }

  async #run(): Promise<void> {
    let last = performance.now();
    const round = this.#round;
    const isOn = (): boolean => this.#status === 'running' && round === this.#round;
    while (isOn()) {
      await this.#work(() => (isOn() ? Math.min(HOME, this.#allowance) : 0));
      if (!isOn()) return;
      if (this.#front() >= HOME || this.#running().length === 0) {
        this.#status = 'home';
        this.#picture();
        return;
      }
      const now = await nextFrame();
      const seconds = Math.min(LONGEST_FRAME_S, Math.max(0, (now - last) / 1_000));
      last = now;
      const factor = FACTOR_PER_SECOND[this.#speed];
      this.#allowance = Number.isFinite(factor)
        ? Math.max(this.#allowance * factor ** seconds, this.#front() + 1)
        : HOME;
    }
  }

  /** Advances the runner that is farthest behind, until all have reached the goal, which may change meanwhile. */
  async #work(goal: () => number): Promise<void> {
    // One at a time: the end of a race that was given up may still be under way.
    while (this.#working) await nextFrame();
    this.#working = true;
    const round = this.#round;
    try {
      while (round === this.#round) {
        const behind = this.#running()
          .map((name) => ({ name, evaluations: this.#standings[name]?.evaluations ?? 0 }))
          .filter(({ evaluations }) => evaluations < goal())
          .reduce<{ name: RunnerName; evaluations: number } | undefined>(
            (least, one) => (least && least.evaluations <= one.evaluations ? least : one),
            undefined,
          );
        if (!behind) return;
        await this.#advance(behind.name, round);
        if (performance.now() - this.#lastPicture > PICTURE_MS) this.#picture();
      }
    } catch (error) {
      if (round !== this.#round) return;
      this.#status = 'paused';
      if (!isAbort(error)) report(error);
    } finally {
      this.#working = false;
    }
  }

  async #advance(name: RunnerName, round: number): Promise<void> {
    const course = this.#course;
    if (!course) return;
    const { model, pixels, seed, k, classes } = course;
    const worker = await engine.study(model.key);
    this.#follow(worker);
    if (round !== this.#round) return;
    const key = streamKey(name);
    const before = this.#standings[name];
    try {
      const stream = before
        ? await worker.call('advanceStream', [key, pieceOf(name, before.evaluations, k, classes)])
        : await worker.call('startStream', [key, model.key, pixels, { estimator: name, seed, k }]);
      // Another size of groups has come meanwhile.
      if (round !== this.#round || (this.#course?.k !== k && name === 'iwae')) return;
      const { estimate, decoderEvaluations, startsAtPosterior } = stream;
      const isNew = estimate && estimate.decoderEvaluations !== before?.estimate?.decoderEvaluations;
      const points = before?.points ?? [];
      this.#standings = {
        ...this.#standings,
        [name]: {
          points: isNew
            ? withPoint(points, { evaluations: estimate.decoderEvaluations, value: estimate.logLikelihood })
            : points,
          estimate: estimate ?? before?.estimate,
          evaluations: decoderEvaluations,
          startsAtPosterior,
          problem: undefined,
        },
      };
    } catch (error) {
      if (!(error instanceof EngineError) || error.code === 'worker-lost' || error.code === 'panic')
        throw error;
      if (round !== this.#round) return;
      // A runner that fails does not stop the others.
      const standing = before ?? NOWHERE;
      this.#standings = { ...this.#standings, [name]: { ...standing, problem: error.message } };
    }
  }

  /** A worker that was replaced has forgotten the streams. */
  #follow(worker: WorkerClient): void {
    if (this.#worker === worker) return;
    this.#worker = worker;
    worker.onRestart(() => {
      this.reset();
    });
  }

  #picture(): void {
    this.#lastPicture = performance.now();
    this.#shown = this.#standings;
  }
}

const NOWHERE: Standing = {
  points: [],
  estimate: undefined,
  evaluations: 0,
  startsAtPosterior: false,
  problem: undefined,
};

const streamKey = (name: RunnerName): string => `race ${name}`;

function nextFrame(): Promise<number> {
  return new Promise((resolve) => requestAnimationFrame(resolve));
}
