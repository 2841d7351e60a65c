/** The Train lab's speed: which build of the engine trains, with how many threads, and how near to the limit. */

import type { WorkerClient } from '../../../engine/client';
import type { Build } from '../../../engine/protocol';
import type { TrainingRun } from './run.svelte';
import { selfTest, type SelfTestResult } from './selfTest';

type Engine = Pick<WorkerClient, 'call' | 'onRestart' | 'threads' | 'useThreads'>;

export class Speed {
  build = $state.raw<Build>();
  /** The most threads that training was given; the build may use fewer. */
  threads = $state(1);
  result = $state.raw<SelfTestResult>();
  /** How much of the self-test is done; undefined when none runs. */
  progress = $state<number>();
  readonly #engine: Engine;
  readonly #run: TrainingRun;

  constructor(engine: Engine, run: TrainingRun) {
    this.#engine = engine;
    this.#run = run;
    this.threads = engine.threads;
    engine.onRestart(() => void this.look().catch(() => undefined));
  }

  /** Asks the worker what it runs. */
  async look(): Promise<void> {
    this.build = await this.#engine.call('build', []);
  }

  /** Of training at this moment, as the benchmark counts them. */
  get gigaflops(): number {
    return (this.#run.imagesPerSecond * (this.#run.info?.flopsPerImage ?? 0)) / 1e9;
  }

  /** Goes on with so many threads, in a new worker, from a checkpoint taken now. */
  async useThreads(count: number): Promise<void> {
    if (count === this.threads) return;
    this.threads = count;
    this.result = undefined;
    try {
      await this.#run.takeCheckpoint();
      // Another choice may have been made meanwhile.
      this.#engine.useThreads(this.threads);
    } finally {
      this.threads = this.#engine.threads;
    }
  }

  /** The run pauses for the self-test and goes on after it. */
  async test(): Promise<void> {
    if (this.progress !== undefined) return;
    this.progress = 0;
    const wasRunning = this.#run.isRunning;
    try {
      if (wasRunning) await this.#run.pause();
      this.result = await selfTest(
        (method, parameters, signal) => this.#engine.call(method, parameters, signal),
        (share) => (this.progress = share),
      );
    } finally {
      this.progress = undefined;
      if (wasRunning) await this.#run.start();
    }
  }
}
