/** One training run: started, paused, stepped, reset, resumed; it survives its worker. No DOM, no storage in here. */

import type { WorkerClient } from '../../../engine/client';
import type { StepReport, TrainerInfo, TrainOptions } from '../../../engine/protocol';
import { History, nextEvaluation, nextKeepsake } from './history';
import type { Call, StripFrame } from './observer.svelte';
import { RemoteTrainer } from './remoteTrainer';
import { RunRecord } from './runRecord.svelte';
import {
  failedStart,
  isLost,
  recovered,
  restarted,
  type DataSource,
  type LoadedData,
  type Recipe,
  type RunCheckpoint,
  type RunHooks,
  type RunNotice,
  type RunStatus,
} from './runTypes';
import { Throughput } from './throughput';

/** Pause waits for one slice at most; a slice this long still keeps the worker busy between messages. */
const SLICE_MS = 30;
/** Who leaves the page loses what came after the last checkpoint, for a page that goes waits for nothing. */
const CHECKPOINT_INTERVAL_MS = 3_000;
/** Checkpoints of a large model may take this share of the time, no more. */
const CHECKPOINT_SHARE = 0.05;
/** A worker that dies this often without a step in between has no future with this run. */
const MOST_DEATHS = 3;

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
  #loop: Promise<void> = Promise.resolve();
  #queue: Promise<unknown> = Promise.resolve();
  #nextCheckpoint = 0;
  readonly #throughput = new Throughput();
  #deaths = 0;

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
      }),
      () => hooks.isWatched?.() ?? true,
    );
    engine.onRestart((reason) => void this.#recover(reason));
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
        this.#accept(info, data, History.from(kept.history), kept.strip);
        const step = info.steps;
        // Exact from the next report on.
        const epoch = (step * Number(info.options.batchSize ?? 1)) / data.size;
        this.step = step;
        this.epoch = epoch;
        this.#checkpoint = { ...kept, step, epoch };
        await this.record.look();
        this.status = 'paused';
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
    this.#wanted = false;
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
      this.#take(await this.#trainer.train(0, 1));
      await this.record.evaluate();
      await this.record.look();
      this.record.showCurves();
    });
  }

  async setLearningRate(rate: number): Promise<void> {
    if (!this.#recipe) return;
    this.#recipe = { ...this.#recipe, options: { ...this.#recipe.options, learningRate: rate } };
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

  async #checkpointInPassing(): Promise<void> {
    const started = performance.now();
    this.#nextCheckpoint = Infinity;
    await this.takeCheckpoint().catch(() => undefined);
    const pause = (performance.now() - started) / CHECKPOINT_SHARE;
    this.#nextCheckpoint = performance.now() + Math.max(CHECKPOINT_INTERVAL_MS, pause);
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
    this.#checkpoint = undefined;
    await this.record.evaluate();
    await this.record.look();
    this.record.showCurves();
    this.status = 'paused';
  }

  #accept(info: TrainerInfo, data: LoadedData, history: History, strip: readonly StripFrame[]): void {
    this.info = info;
    this.data = data;
    this.learningRate = Number(info.options.learningRate ?? 0);
    this.imagesPerSecond = 0;
    this.notice = undefined;
    this.problem = undefined;
    this.#deaths = 0;
    this.record.begin(history, strip);
  }

  #go(): void {
    this.#wanted = true;
    this.problem = undefined;
    this.status = 'running';
    this.#throughput.restart(performance.now());
    this.#nextCheckpoint = performance.now() + CHECKPOINT_INTERVAL_MS;
    this.#loop = this.#run();
  }

  /** Ends the loop and says whether there was one. */
  async #halt(): Promise<boolean> {
    const wasRunning = this.status === 'running';
    this.#wanted = false;
    await this.#loop;
    return wasRunning;
  }

  async #run(): Promise<void> {
    try {
      let slice = this.#slice();
      for (;;) {
        const before = this.step;
        this.#take(await slice);
        this.record.follow(before);
        if (this.#wanted && performance.now() > this.#nextCheckpoint) {
          void this.#checkpointInPassing();
        }
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
        this.problem = error instanceof Error ? error.message : String(error);
      }
    }
  }

  #slice(): Promise<StepReport[]> {
    // Slices end where something is due, so that a run's evaluations fall on the same steps every time.
    const due = Math.min(nextEvaluation(this.step), nextKeepsake(this.step));
    return this.#trainer.train(SLICE_MS, due - this.step);
  }

  #take(reports: readonly StepReport[]): void {
    for (const report of reports) {
      if (report.recovered) this.#tellRecovery(report);
      else this.record.add(report);
      this.step = report.step;
      this.epoch = report.epoch;
      this.learningRate = report.learningRate;
    }
    this.#deaths = 0;
    this.reportedAtMs = performance.now();
    const batch = Math.min(Number(this.info?.options.batchSize ?? 1), this.data?.size ?? 1);
    this.imagesPerSecond = this.#throughput.add(batch * reports.length, this.reportedAtMs);
  }

  #tellRecovery(report: StepReport): void {
    this.record.truncate(report.step);
    const rate = Number(this.#recipe?.options.learningRate ?? 0) / 2;
    if (this.#recipe) {
      this.#recipe = { ...this.#recipe, options: { ...this.#recipe.options, learningRate: rate } };
    }
    this.notice = recovered(report.step, rate);
    this.#hooks.onlearningrate?.(rate);
  }

  /** A worker that could not be started again calls nobody. */
  async #confirmRestart(): Promise<void> {
    try {
      await this.#engine.call('ping', []);
    } catch (error) {
      this.#wanted = false;
      this.status = 'failed';
      this.problem = failedStart(error);
    }
  }

  /** The worker is a new one and knows nothing: everything is made again from the last checkpoint. */
  async #recover(reason: string): Promise<void> {
    this.#trainer.forget();
    const recipe = this.#recipe;
    if (!recipe) return;
    await this.#alone(async () => {
      const goOn = this.#wanted;
      await this.#loop;
      this.status = 'preparing';
      this.#deaths += 1;
      const deaths = this.#deaths;
      const { previous } = this.record;
      const data = await this.#trainer.load(recipe.data);
      await this.#trainer.makeInitial(recipe);
      const checkpoint = this.#checkpoint;
      if (checkpoint) {
        const { bytes, history, strip, step, epoch } = checkpoint;
        const info = await this.#trainer.resume(bytes, data);
        this.#accept(info, data, History.from(history), strip);
        this.step = step;
        this.epoch = epoch;
        const rate = this.#recipe?.options.learningRate;
        if (typeof rate === 'number') await this.#trainer.setLearningRate(rate);
        await this.record.look();
        this.status = 'paused';
      } else {
        await this.#begin(data, recipe.options);
      }
      this.record.previous = previous;
      this.#deaths = deaths;
      const goesOn = goOn && deaths < MOST_DEATHS;
      this.notice = restarted(reason, this.step, goesOn);
      this.#wanted = false;
      if (goesOn) this.#go();
    }).catch((error: unknown) => {
      if (isLost(error)) return;
      this.problem = error instanceof Error ? error.message : String(error);
    });
  }
}
