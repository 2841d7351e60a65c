/** One training run: started, paused, stepped, reset, resumed; it survives its worker. No DOM, no storage in here. */

import type { WorkerClient } from '../../../engine/client';
import { deferred } from '../../../engine/deferred';
import type { StepReport, TrainerInfo, TrainOptions } from '../../../engine/protocol';
import { wordsOf } from '../../../engine/wordsOf';
import { CheckpointPace } from './checkpointPace';
import { History, nextDue } from './history';
import type { Call, StripFrame } from './observer.svelte';
import * as notices from './notices';
import { RemoteTrainer } from './remoteTrainer';
import { RunRecord } from './runRecord.svelte';
import {
  isLost,
  type DataSource,
  type LoadedData,
  type Recipe,
  type RunCheckpoint,
  type RunHooks,
  type RunNotice,
  type RunStatus,
} from './runTypes';
import { Throughput } from './throughput';

/** Pause waits for one slice and one part of a step at most; this long still keeps the worker busy between messages. */
const SLICE_MS = 20;
/** Where looking at the model takes longer, the next slice waits for it, so that Pause need not wait for both. */
const QUICK_LOOK_MS = 10;

export class TrainingRun {
  status = $state<RunStatus>('empty');
  step = $state(0);
  epoch = $state(0);
  imagesPerSecond = $state(0);
  /** Of the last step, after any decay. */
  learningRate = $state(0);
  info = $state.raw<TrainerInfo>();
  data = $state.raw<LoadedData>();
  notice = $state.raw<RunNotice>();
  problem = $state<string>();
  /** When the last step was reported, on the page's clock. */
  reportedAtMs = 0;

  readonly record: RunRecord;
  readonly #engine: Pick<WorkerClient, 'call' | 'onRestart'>;
  readonly #hooks: RunHooks;
  readonly #trainer: RemoteTrainer;

  #recipe: Recipe | undefined;
  #checkpoint: RunCheckpoint | undefined;
  /** The visitor wants it to run, whatever has come between. */
  #wanted = false;
  /** Resolves when the run is to halt. */
  #paused = deferred<undefined>();
  #loop: Promise<void> = Promise.resolve();
  #queue: Promise<unknown> = Promise.resolve();
  readonly #pace = new CheckpointPace(() => this.takeCheckpoint());
  readonly #throughput = new Throughput();
  /** The step at which the last worker died. */
  #diedAt = -1;

  constructor(engine: Pick<WorkerClient, 'call' | 'onRestart'>, hooks: RunHooks = {}) {
    this.#engine = engine;
    this.#hooks = hooks;
    const call: Call = (method, parameters, signal) => engine.call(method, parameters, signal);
    this.#trainer = new RemoteTrainer(call);
    this.record = new RunRecord(
      call,
      () => ({
        trainer: this.#trainer.key,
        step: this.step,
        data: this.data,
        latents: this.latents,
        hasPrior: this.info?.prior !== 'none',
        knowsExactly: this.info?.capabilities.exact === true,
        classifies: this.info?.capabilities.classifies === true,
        binaryPixels: this.info?.binaryPixels !== false,
      }),
      () => hooks.isWatched?.() ?? true,
    );
    engine.onRestart((reason, asked) => void this.#recover(reason, asked));
  }

  get isRunning(): boolean {
    return this.status === 'running';
  }

  get isReady(): boolean {
    return this.status === 'running' || this.status === 'paused';
  }

  /** Of the data that it learns from. */
  get dataSignature(): string | undefined {
    return this.#recipe?.data.signature;
  }

  get latents(): number {
    return this.info?.latents ?? 0;
  }

  /** A new run from its first weights. */
  prepare(recipe: Recipe): Promise<void> {
    return this.#alone(async () => {
      await this.#halt();
      this.status = 'preparing';
      const past = this.step > 0 ? this.record.data() : undefined;
      const before = { recipe: this.#recipe, checkpoint: this.#checkpoint };
      // Should the worker die on the way, its successor makes this run.
      this.#recipe = recipe;
      this.#checkpoint = undefined;
      try {
        const data = await this.#trainer.load(recipe.data);
        await this.#trainer.makeInitial(recipe);
        if (past) this.record.previous = past;
        await this.#begin(data, recipe.options);
      } catch (error) {
        if (!isLost(error)) ({ recipe: this.#recipe, checkpoint: this.#checkpoint } = before);
        throw error;
      }
    });
  }

  /** Back to the same first weights. The curves stay beside the new ones. */
  reset(): Promise<void> {
    return this.#alone(async () => {
      if (!this.#recipe || !this.data) return;
      await this.#halt();
      if (this.step > 0) this.record.previous = this.record.data();
      await this.#begin(this.data, this.#recipe.options);
    });
  }

  /** Continues a checkpoint; if it cannot be read, the present run is as it was. */
  resume(recipe: Recipe, kept: Omit<RunCheckpoint, 'step' | 'epoch'>): Promise<void> {
    return this.#alone(async () => {
      const wasRunning = await this.#halt();
      const before = this.status;
      try {
        this.status = 'preparing';
        const data = await this.#trainer.load(recipe.data);
        const info = await this.#trainer.resume(kept.bytes, data);
        await this.#trainer.makeInitial({ ...recipe, spec: info.spec });
        this.#recipe = { ...recipe, spec: info.spec, options: info.options };
        const step = info.steps;
        // Exact from the next report on.
        const epoch = (step * Number(info.options.batchSize ?? 1)) / data.size;
        this.#diedAt = -1;
        await this.#standAt({ ...kept, step, epoch }, info, data);
      } catch (error) {
        this.status = before === 'running' ? 'paused' : before;
        if (wasRunning) this.#go();
        throw error;
      }
    });
  }

  /** Goes on with other data; the weights stay. */
  changeData(source: DataSource): Promise<void> {
    return this.#alone(async () => {
      if (!this.#recipe || this.#trainer.has(source)) return;
      const wasRunning = await this.#halt();
      this.status = 'preparing';
      const bytes = await this.#trainer.save();
      const data = await this.#trainer.load(source);
      this.info = await this.#trainer.resume(bytes, data);
      this.#recipe = { ...this.#recipe, data: source };
      this.data = data;
      this.status = 'paused';
      if (wasRunning) this.#go();
    });
  }

  start(): Promise<void> {
    return this.#alone(() => {
      if (this.status === 'paused') this.#go();
      return Promise.resolve();
    });
  }

  /** Resolves when no step is under way any more. */
  pause(): Promise<void> {
    this.#stop();
    return this.#alone(async () => {
      if (!(await this.#halt())) return;
      await this.takeCheckpoint();
      await this.record.look();
    });
  }

  /** A single step. */
  stepOnce(): Promise<void> {
    return this.#alone(async () => {
      if (this.status !== 'paused') return;
      let reports: StepReport[] = [];
      while (reports.length === 0) reports = await this.#trainer.train(SLICE_MS, 1);
      this.#take(reports);
      await this.record.showAll();
    });
  }

  async setLearningRate(rate: number): Promise<void> {
    this.#noteRate(rate);
    this.learningRate = rate;
    if (this.isReady) await this.#trainer.setLearningRate(rate);
  }

  /** The whole run as bytes, with its curves. */
  async takeCheckpoint(): Promise<RunCheckpoint | undefined> {
    if (!this.isReady) return undefined;
    const { step, epoch } = this;
    const history = this.record.data();
    const { strip } = this.record.observer;
    const bytes = await this.#trainer.save();
    const checkpoint = { bytes, step, epoch, history, strip };
    this.#checkpoint = checkpoint;
    this.#hooks.oncheckpoint?.(checkpoint);
    return checkpoint;
  }

  /** The present model alone as bytes. */
  saveModel(): Promise<Uint8Array> {
    return this.#trainer.saveModel();
  }

  /** Looks anew: the drawing has changed, or someone watches again. */
  look(): void {
    this.record.hurry();
    this.record.showCurves();
    if (this.status === 'paused') void this.record.look().catch(() => undefined);
  }

  /** Operations one after the other: none sees the other half done. */
  #alone(operation: () => Promise<void>): Promise<void> {
    const result = this.#queue.then(operation).catch((error: unknown) => {
      if (this.status === 'preparing' && !isLost(error)) {
        // A run that has begun goes on; one that has not is not the one asked for.
        this.status = this.step > 0 ? 'paused' : 'failed';
      }
      throw error;
    });
    this.#queue = result.catch(() => undefined);
    return result;
  }

  async #begin(data: LoadedData, options: TrainOptions): Promise<void> {
    this.status = 'preparing';
    const info = await this.#trainer.create(data, options);
    this.#accept(info, data, new History(), []);
    this.step = 0;
    this.epoch = 0;
    this.#diedAt = -1;
    this.#checkpoint = undefined;
    await this.record.showAll();
    this.status = 'paused';
  }

  async #standAt(checkpoint: RunCheckpoint, info: TrainerInfo, data: LoadedData): Promise<void> {
    this.#accept(info, data, History.from(checkpoint.history), checkpoint.strip);
    this.step = checkpoint.step;
    this.epoch = checkpoint.epoch;
    this.#checkpoint = checkpoint;
    await this.record.look();
    this.status = 'paused';
  }

  #accept(info: TrainerInfo, data: LoadedData, history: History, strip: readonly StripFrame[]): void {
    this.info = info;
    this.data = data;
    this.learningRate = Number(info.options.learningRate ?? 0);
    this.imagesPerSecond = 0;
    this.notice = undefined;
    this.problem = undefined;
    this.record.begin(history, strip);
  }

  #go(): void {
    this.#wanted = true;
    this.#paused = deferred();
    this.problem = undefined;
    this.status = 'running';
    this.#throughput.restart(performance.now());
    this.#pace.begin();
    this.#loop = this.#run();
  }

  /** Ends the loop and says whether there was one. */
  async #halt(): Promise<boolean> {
    const wasRunning = this.status === 'running';
    this.#stop();
    await this.#loop;
    return wasRunning;
  }

  #stop(): void {
    this.#wanted = false;
    this.#paused.resolve(undefined);
  }

  async #run(): Promise<void> {
    try {
      let slice = this.#slice();
      for (;;) {
        const before = this.step;
        this.#take(await slice);
        const looking = this.record.follow(before);
        if (this.#wanted) this.#pace.checkpointIfDue();
        if (this.record.followMs > QUICK_LOOK_MS) await Promise.race([looking, this.#paused.promise]);
        // The worker has its next slice before the page paints the last one.
        if (this.#wanted) slice = this.#slice();
        this.record.showCurvesInPassing();
        if (!this.#wanted) break;
      }
      this.record.showCurves();
      this.status = 'paused';
    } catch (error) {
      this.imagesPerSecond = 0;
      // The client restarts the worker and `#recover` goes on.
      if (isLost(error)) {
        this.status = 'preparing';
        void this.#confirmRestart();
      } else {
        this.#wanted = false;
        this.status = 'paused';
        this.problem = wordsOf(error);
      }
    }
  }

  #slice(): Promise<StepReport[]> {
    return this.#trainer.train(SLICE_MS, nextDue(this.step) - this.step);
  }

  #take(reports: readonly StepReport[]): void {
    for (const report of reports) {
      if (report.recovered) this.#tellRecovery(report);
      else this.record.add(report);
      this.step = report.step;
      this.epoch = report.epoch;
      this.learningRate = report.learningRate;
    }
    this.reportedAtMs = performance.now();
    this.imagesPerSecond = this.#throughput.add(reports, this.reportedAtMs);
  }

  #tellRecovery(report: StepReport): void {
    this.record.truncate(report.step);
    const before = this.#recipe?.options.learningRate;
    // A fit to all the data has no rate.
    if (typeof before !== 'number') return;
    const rate = before / 2;
    this.#noteRate(rate);
    this.notice = notices.recovered(report.step, rate);
    this.#hooks.onlearningrate?.(rate);
  }

  /** A worker that takes over begins with this rate. */
  #noteRate(learningRate: number): void {
    const recipe = this.#recipe;
    if (recipe) this.#recipe = { ...recipe, options: { ...recipe.options, learningRate } };
  }

  /** A worker that could not be started again calls nobody. */
  async #confirmRestart(): Promise<void> {
    try {
      await this.#engine.call('ping', []);
    } catch (error) {
      this.#wanted = false;
      this.status = 'failed';
      this.problem = notices.failedStart(error);
    }
  }

  /** The worker is a new one and knows nothing: everything is made again from the last checkpoint. */
  async #recover(reason: string, asked: boolean): Promise<void> {
    this.#trainer.forget();
    const recipe = this.#recipe;
    if (!recipe) return;
    await this.#alone(async () => {
      const goOn = this.#wanted;
      await this.#loop;
      this.status = 'preparing';
      const diedAt = this.step;
      const before = this.#diedAt;
      const { previous } = this.record;
      const data = await this.#trainer.load(recipe.data);
      await this.#trainer.makeInitial(recipe);
      const checkpoint = this.#checkpoint;
      if (checkpoint) {
        const info = await this.#trainer.resume(checkpoint.bytes, data);
        const rate = this.#recipe?.options.learningRate;
        if (typeof rate === 'number') await this.#trainer.setLearningRate(rate);
        await this.#standAt(checkpoint, info, data);
      } else {
        await this.#begin(data, recipe.options);
      }
      this.record.previous = previous;
      this.#wanted = false;
      if (!asked && goOn) this.#diedAt = diedAt;
      // A run that has not come further than when it died before will not.
      if (!asked && goOn && diedAt <= before) {
        this.problem = notices.hopeless(reason, diedAt);
        return;
      }
      this.notice = (asked ? notices.moved : notices.restarted)(reason, this.step, goOn);
      if (goOn) this.#go();
    }).catch((error: unknown) => {
      if (isLost(error)) return;
      this.problem = wordsOf(error);
    });
  }
}
