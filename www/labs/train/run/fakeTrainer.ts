/** A training worker for tests of the state around it: arithmetic in place of a model, and it can die. */

import type { RestartListener, WorkerClient } from '../../../engine/client';
import { EngineError, type EngineApi, type ErrorCode, type StepReport } from '../../../engine/protocol';

interface FakeRun {
  step: number;
  weight: number;
  learningRate: number;
  dataset: string;
}

const STEPS_A_SLICE = 7;

export class FakeTrainer implements Pick<WorkerClient, 'call' | 'onRestart'> {
  readonly calls: string[] = [];
  readonly datasets = new Set<string>();
  /** Steps whose report says that numbers stopped being finite. */
  readonly notFinite = new Set<number>();
  /** A slice of training from this step on kills the worker. */
  deadlyFrom = Infinity;
  /** Slices that one step takes: a long one is cut. */
  /** What its models are of. */
  binaryPixels = true;
  slicesAStep = 0;
  #slices = 0;
  deaths = 0;
  #models = new Map<string, number>();
  #trainers = new Map<string, FakeRun>();
  #listeners = new Set<RestartListener>();
  #generation = 0;
  readonly #failures = new Map<string, EngineError>();

  readonly call = async <M extends keyof EngineApi>(
    method: M,
    parameters: Parameters<EngineApi[M]>,
  ): Promise<ReturnType<EngineApi[M]>> => {
    const generation = this.#generation;
    this.calls.push(method);
    if (method === 'train' && this.#trainer(String(parameters[0])).step >= this.deadlyFrom) this.die();
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (generation !== this.#generation) throw new EngineError('worker-lost', 'the worker stopped');
    const failure = this.#failures.get(method);
    if (failure) {
      this.#failures.delete(method);
      throw failure;
    }
    return this.#answer(method, parameters as unknown[]) as ReturnType<EngineApi[M]>;
  };

  onRestart(listener: RestartListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Loses everything, fails what is in flight, and starts anew. */
  die(reason = 'killed', asked = false): void {
    this.#generation += 1;
    this.deaths += 1;
    this.#models = new Map();
    this.#trainers = new Map();
    this.datasets.clear();
    for (const listener of this.#listeners) listener(reason, asked);
  }

  /** The next call of a method fails. */
  failNext(method: keyof EngineApi, code: ErrorCode, message: string): void {
    this.#failures.set(method, new EngineError(code, message));
  }

  #answer(method: keyof EngineApi, parameters: unknown[]): unknown {
    const [key, second, third] = parameters as [string, string, string];
    switch (method) {
      case 'createModel':
        this.#models.set(key, Number(third));
        return this.#info();
      case 'strokesDataset':
        this.datasets.add(key);
        return { size: Number(second), labelled: true };
      case 'createTrainer':
        return this.#make(key, third, {
          step: 0,
          weight: this.#models.get(second) ?? NaN,
          learningRate: (parameters[3] as { learningRate: number }).learningRate,
        });
      case 'resumeTrainer': {
        const kept = JSON.parse(new TextDecoder().decode(parameters[1] as unknown as Uint8Array)) as FakeRun;
        return this.#make(key, third, kept);
      }
      case 'saveTrainer':
        return new TextEncoder().encode(JSON.stringify(this.#trainer(key)));
      case 'train':
        return this.#train(key, Number(third));
      case 'setLearningRate':
        this.#trainer(key).learningRate = Number(second);
        return undefined;
      case 'evaluate': {
        const { weight } = this.#trainer(key);
        return { elbo: -1_000 / weight, reconstruction: -900 / weight, kl: 100 / weight };
      }
      case 'snapshotModel':
        this.#models.set(second, this.#trainer(key).weight);
        return this.#info();
      case 'decode':
        return new Float32Array(784);
      case 'sample':
        return {
          latents: new Float32Array(2),
          probabilities: new Float32Array(784),
          pixels: new Float32Array(784),
        };
      case 'encodeDataset':
        return { mean: new Float32Array(2 * Number(third)), logVar: new Float32Array(2 * Number(third)) };
      default:
        return undefined;
    }
  }

  #make(key: string, dataset: string, run: Omit<FakeRun, 'dataset'>): unknown {
    if (!this.datasets.has(dataset)) throw new EngineError('invalid-argument', `no data set "${dataset}"`);
    const trainer = { ...run, dataset };
    this.#trainers.set(key, trainer);
    return { ...this.#info(), steps: run.step, options: { learningRate: run.learningRate, batchSize: 10 } };
  }

  #trainer(key: string): FakeRun {
    const trainer = this.#trainers.get(key);
    if (!trainer) throw new EngineError('invalid-argument', `no trainer "${key}"`);
    return trainer;
  }

  #train(key: string, most: number): StepReport[] {
    const trainer = this.#trainer(key);
    this.#slices += 1;
    if (this.slicesAStep > 0 && this.#slices % this.slicesAStep > 0) return [];
    const steps = this.slicesAStep > 0 ? 1 : STEPS_A_SLICE;
    return Array.from({ length: Math.min(most, steps) }, () => {
      trainer.step += 1;
      const recovered = this.notFinite.delete(trainer.step);
      if (recovered) {
        trainer.step = Math.max(0, trainer.step - 20);
        trainer.learningRate /= 2;
      }
      trainer.weight = (trainer.weight * 31 + trainer.step) % 9_973;
      const reconstruction = recovered ? 0 : -trainer.weight;
      return {
        step: trainer.step,
        epoch: trainer.step / 100,
        loss: -reconstruction,
        elbo: reconstruction,
        reconstruction,
        kl: 0,
        images: 10,
        imagesPerSecond: 1_000,
        learningRate: trainer.learningRate,
        recovered,
      };
    });
  }

  #info(): object {
    return {
      spec: { model: 'vae', latents: 2 },
      latents: 2,
      prior: 'unit-normal',
      approximatePosterior: 'diagonal',
      capabilities: { exact: false, classifies: false },
      binaryPixels: this.binaryPixels,
      provenance: null,
    };
  }
}
