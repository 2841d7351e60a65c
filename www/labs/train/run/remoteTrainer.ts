/** A trainer in its worker, with the data and the first weights that it is made from. */

import type { StepReport, TrainerInfo, TrainOptions } from '../../../engine/protocol';
import type { Call } from './observer.svelte';
import type { DataSource, LoadedData, Recipe } from './runTypes';

const INITIAL = 'initial';
const EXPORTED = 'exported';

export class RemoteTrainer {
  readonly #call: Call;
  /** Two names in turn, so that a trainer is replaced only by one that works. */
  #key = 'run-a';
  #loaded: { signature: string; data: LoadedData } | undefined;

  constructor(call: Call) {
    this.#call = call;
  }

  /** Its name in the worker. */
  get key(): string {
    return this.#key;
  }

  has(source: DataSource): boolean {
    return this.#loaded?.signature === source.signature;
  }

  /** Brings the data into the worker, unless it is there. */
  async load(source: DataSource): Promise<LoadedData> {
    if (this.#loaded?.signature === source.signature) return this.#loaded.data;
    // What is loaded by half is not loaded.
    this.#loaded = undefined;
    const data = await source.load(this.#call);
    this.#loaded = { signature: source.signature, data };
    return data;
  }

  async makeInitial({ spec, seed, weights }: Pick<Recipe, 'spec' | 'seed' | 'weights'>): Promise<void> {
    if (weights) await this.#call('loadModel', [INITIAL, weights]);
    else await this.#call('createModel', [INITIAL, spec, seed]);
  }

  /** A new trainer of the first weights. */
  create(data: LoadedData, options: TrainOptions): Promise<TrainerInfo> {
    return this.#replace((key) => this.#call('createTrainer', [key, INITIAL, data.key, options]));
  }

  /** One that goes on from a checkpoint; if that cannot be read, the present one stays. */
  resume(bytes: Uint8Array, data: LoadedData): Promise<TrainerInfo> {
    return this.#replace((key) => this.#call('resumeTrainer', [key, bytes, data.key]));
  }

  train(milliseconds: number, maximumSteps: number): Promise<StepReport[]> {
    return this.#call('train', [this.#key, milliseconds, maximumSteps]);
  }

  setLearningRate(rate: number): Promise<void> {
    return this.#call('setLearningRate', [this.#key, rate]);
  }

  /** The whole run as bytes. */
  save(): Promise<Uint8Array> {
    return this.#call('saveTrainer', [this.#key]);
  }

  /** The present model alone as bytes. */
  async saveModel(): Promise<Uint8Array> {
    const [, bytes] = await Promise.all([
      this.#call('snapshotModel', [this.#key, EXPORTED]),
      this.#call('saveModel', [EXPORTED]),
    ]);
    return bytes;
  }

  /** The worker is a new one and has nothing. */
  forget(): void {
    this.#loaded = undefined;
  }

  async #replace(make: (key: string) => Promise<TrainerInfo>): Promise<TrainerInfo> {
    const old = this.#key;
    const key = old === 'run-a' ? 'run-b' : 'run-a';
    const info = await make(key);
    // At once: nobody may ask for the old one while it is let go.
    this.#key = key;
    await this.#call('releaseTrainer', [old]);
    return info;
  }
}
