/** The page's side of the workers: calls that can be cancelled, and workers that are restarted after a crash. */

import * as Comlink from 'comlink';

import { translatedError } from '../locales/errors';
import { deferred, type Deferred } from './deferred';
import { takeFirstWorker } from './firstWorker';
import { abortError } from './latest';
import { shareViewer } from './viewerModule';
import {
  EngineError,
  isViewing,
  workerName,
  type EngineApi,
  type ErrorMessage,
  type ModelInfo,
  type Role,
  type Starting,
} from './protocol';

type Method = keyof EngineApi;

const HEARTBEAT_INTERVAL_MS = 2_000;
/** Longer than any single call should take on a slow phone, shorter than a visitor's patience. */
const HEARTBEAT_LIMIT_MS = 30_000;
/** The first answer waits for the wasm to arrive, over whatever network there is. */
const FIRST_ANSWER_LIMIT_MS = 120_000;
/** A worker that has crashed this often without a single answer is given up. */
const MAXIMUM_FRUITLESS_STARTS = 3;

/** `asked` says that the restart was wanted: nothing has failed. */
export type RestartListener = (reason: string, asked: boolean) => void;

export class WorkerClient {
  readonly role: Role;
  #threads: number;
  #worker!: Worker;
  #remote!: Comlink.Remote<EngineApi & Starting>;
  /** Rejects when the worker of the present generation dies: Comlink's own promises never would. */
  #death!: Deferred<never>;
  /** What a restarted worker needs to know again. */
  readonly #models = new Map<string, Uint8Array>();
  /** Models on their way here from another worker. */
  readonly #copies = new Map<string, { bytes: Uint8Array; done: Promise<void> }>();
  readonly #restartListeners = new Set<RestartListener>();
  #inFlight = 0;
  #lastAnswer = 0;
  #answered = false;
  #fruitlessStarts = 0;
  #heartbeat: ReturnType<typeof setInterval> | undefined;
  #restored: Promise<void> = Promise.resolve();
  #expected: Promise<void> | undefined;

  constructor(role: Role, threads = 1) {
    this.role = role;
    this.#threads = threads;
    this.#start();
  }

  /** Called after a worker was replaced, dead or no longer wanted, and its models were loaded again. */
  onRestart(listener: RestartListener): () => void {
    this.#restartListeners.add(listener);
    return () => this.#restartListeners.delete(listener);
  }

  /** Calls a method of the worker. An aborted call rejects at once; its result, when it comes, is dropped. */
  async call<M extends Method>(
    method: M,
    parameters: Parameters<EngineApi[M]>,
    signal?: AbortSignal,
  ): Promise<ReturnType<EngineApi[M]>> {
    await this.#restored;
    if (this.#expected && method !== 'loadModel') await this.#expected;
    return this.#call(method, parameters, signal);
  }

  /** Loads a model and remembers its bytes, so that it survives the worker. */
  async loadModel(key: string, bytes: Uint8Array, signal?: AbortSignal): Promise<ModelInfo> {
    const info = await this.call('loadModel', [key, bytes], signal);
    this.#models.set(key, bytes);
    return info;
  }

  /** A model is on its way: until it is here, or lost, all calls but the one that loads it wait. */
  expect(model: Promise<unknown>): void {
    const settled = model.then(
      () => undefined,
      () => undefined,
    );
    this.#expected = settled;
  }

  /** Loads a model that another worker has, unless the very same is here already. */
  async copyModel(key: string, from: WorkerClient): Promise<void> {
    await from.#expected;
    const bytes = from.#models.get(key);
    if (!bytes) throw new EngineError('invalid-argument', `There is no model called "${key}".`);
    if (this.#models.get(key) === bytes) return;
    let copy = this.#copies.get(key);
    if (copy?.bytes !== bytes) {
      const done = this.loadModel(key, bytes).then(() => undefined);
      copy = { bytes, done };
      this.#copies.set(key, copy);
    }
    try {
      await copy.done;
    } finally {
      if (this.#copies.get(key) === copy) this.#copies.delete(key);
    }
  }

  async releaseModel(key: string): Promise<void> {
    this.#models.delete(key);
    await this.call('releaseModel', [key]);
  }

  /** The most threads that it computes with. */
  get threads(): number {
    return this.#threads;
  }

  /** Continues in a new worker that may use this number of threads. */
  useThreads(count: number): void {
    if (count === this.#threads) return;
    this.#threads = count;
    this.restart(`to go on with ${String(count)} ${count === 1 ? 'thread' : 'threads'}`, true);
  }

  /** Ends the worker as a crash would; the next call finds a new one. */
  restart(reason: string, asked = false): void {
    this.#worker.terminate();
    clearInterval(this.#heartbeat);
    this.#heartbeat = undefined;
    const lost = new EngineError('worker-lost', reason);
    const death = this.#death;
    if (this.#fruitlessStarts >= MAXIMUM_FRUITLESS_STARTS) {
      this.#restored = Promise.reject(lost);
      this.#restored.catch(() => undefined);
    } else {
      this.#start();
      this.#restored = this.#reload(this.#death, reason, asked);
    }
    death.reject(lost);
  }

  /** Ends the worker for good: calls in flight fail, and so do later ones. */
  end(): void {
    this.#worker.terminate();
    clearInterval(this.#heartbeat);
    const lost = new EngineError('worker-lost', 'the worker was ended');
    this.#restored = Promise.reject(lost);
    this.#restored.catch(() => undefined);
    this.#death.reject(lost);
  }

  async #call<M extends Method>(
    method: M,
    parameters: Parameters<EngineApi[M]>,
    signal?: AbortSignal,
  ): Promise<ReturnType<EngineApi[M]>> {
    if (signal?.aborted) throw abortError();
    const death = this.#death;
    const remote = this.#remote[method] as unknown as (
      ...parameters: unknown[]
    ) => Promise<ReturnType<EngineApi[M]>>;
    let stop: (() => void) | undefined;
    const aborted = new Promise<never>((_, reject) => {
      stop = () => {
        reject(abortError());
      };
      signal?.addEventListener('abort', stop);
    });
    this.#begin();
    const answer = remote(...parameters).finally(() => {
      this.#end(death);
    });
    try {
      return await Promise.race([answer, death.promise, aborted]);
    } catch (error) {
      const failure = toError(error);
      if (failure instanceof EngineError && failure.code === 'panic' && death === this.#death) {
        this.restart('the computation failed: ' + failure.message);
      }
      throw failure;
    } finally {
      if (stop) signal?.removeEventListener('abort', stop);
    }
  }

  #start(): void {
    const name = workerName(this.role, this.#threads);
    this.#worker =
      takeFirstWorker(name) ?? new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name });
    this.#remote = Comlink.wrap<EngineApi & Starting>(this.#worker);
    const death = deferred<never>();
    // If nothing waits for it, the crash must not be an unhandled rejection.
    death.promise.catch(() => undefined);
    this.#death = death;
    if (isViewing(this.role)) shareViewer(this.#remote, death.promise);
    this.#inFlight = 0;
    this.#answered = false;
    this.#fruitlessStarts += 1;
    const worker = this.#worker;
    worker.onerror = (event) => {
      event.preventDefault();
      if (worker === this.#worker) this.restart(event.message || 'the worker stopped');
    };
    worker.onmessageerror = () => {
      if (worker === this.#worker) this.restart('a message could not be read');
    };
  }

  async #reload(generation: Deferred<never>, reason: string, asked: boolean): Promise<void> {
    for (const [key, bytes] of [...this.#models]) {
      // Forgotten until it has loaded: a model that kills its worker must not kill the next one too.
      this.#models.delete(key);
      await this.#call('loadModel', [key, bytes]).then(
        () => this.#models.set(key, bytes),
        () => undefined,
      );
      if (generation !== this.#death) return;
    }
    for (const listener of this.#restartListeners) listener(reason, asked);
  }

  #begin(): void {
    if (this.#inFlight === 0) this.#lastAnswer = performance.now();
    this.#inFlight += 1;
    this.#heartbeat ??= setInterval(() => {
      this.#beat();
    }, HEARTBEAT_INTERVAL_MS);
  }

  #end(death: Deferred<never>): void {
    if (death !== this.#death) return;
    this.#answered = true;
    this.#fruitlessStarts = 0;
    this.#lastAnswer = performance.now();
    this.#inFlight -= 1;
    if (this.#inFlight === 0) {
      clearInterval(this.#heartbeat);
      this.#heartbeat = undefined;
    }
  }

  #beat(): void {
    // A hidden tab's clocks run late: silence there means nothing.
    if (document.hidden) this.#lastAnswer = performance.now();
    const limit = this.#answered ? HEARTBEAT_LIMIT_MS : FIRST_ANSWER_LIMIT_MS;
    if (performance.now() - this.#lastAnswer > limit) this.restart('the worker did not answer');
  }
}

function toError(error: unknown): unknown {
  if (error instanceof Error) return error;
  if (error && typeof error === 'object' && 'code' in error && 'message' in error) {
    const { code, message } = error as ErrorMessage;
    return new EngineError(code, translatedError(message));
  }
  return new EngineError('unknown', String(error));
}

/** Most threads that a step is shared between; its parts are too small for more. */
const MOST_THREADS = 4;

/** Training leaves one processor to the pen and to the page. */
export function sparedThreads(processors: number): number {
  return Math.min(Math.max(processors - 1, 1), MOST_THREADS);
}

/** The page's workers. All but the pen's start with their first call. */
class Engine {
  readonly pen = new WorkerClient('pen');
  #train: WorkerClient | undefined;
  #figures: WorkerClient | undefined;
  #study: WorkerClient | undefined;

  get train(): WorkerClient {
    this.#train ??= this.newTrainer();
    return this.#train;
  }

  /** A worker like the one that trains, for whoever asks; that one ends it, too. */
  newTrainer(): WorkerClient {
    return new WorkerClient('train', sparedThreads(navigator.hardwareConcurrency));
  }

  /**
   * The worker for the labs' own computations, which may take long: they never delay the answer to the pen. When this
   * resolves, it has the model of that name from the pen's worker.
   */
  async figures(key: string): Promise<WorkerClient> {
    this.#figures ??= new WorkerClient('figures');
    await this.#figures.copyModel(key, this.pen);
    return this.#figures;
  }

  /**
   * The worker for computations that run while the visitor watches: races of estimators, chains, repairs. It has the
   * whole package. When this resolves, it has the model of that name from the pen's worker.
   */
  async study(key: string): Promise<WorkerClient> {
    await this.studies.copyModel(key, this.pen);
    return this.studies;
  }

  /** The same worker with a model of these bytes, which the pen need not have, under that name. */
  async studyOf(key: string, bytes: Uint8Array): Promise<{ worker: WorkerClient; info: ModelInfo }> {
    const info = await this.studies.loadModel(key, bytes);
    return { worker: this.studies, info };
  }

  /** The same worker, for what needs no model. */
  get studies(): WorkerClient {
    this.#study ??= new WorkerClient('study');
    return this.#study;
  }
}

export const engine = new Engine();
