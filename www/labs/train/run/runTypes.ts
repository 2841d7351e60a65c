/** What a training run is made of, and what it tells. */

import { EngineError, type ModelSpec, type TrainOptions } from '../../../engine/protocol';
import type { HistoryData } from './history';
import type { Call, StripFrame } from './observer.svelte';

export type RunStatus = 'empty' | 'preparing' | 'paused' | 'running' | 'failed';

/** Data sets in the training worker. */
export interface LoadedData {
  key: string;
  size: number;
  heldOutKey: string;
  heldOutSize: number;
  /** Of the held-out images, where they are known. */
  labels: Uint8Array | undefined;
}

export interface DataSource {
  /** Equal for equal data: what is in the worker already is not loaded again. */
  signature: string;
  load(call: Call): Promise<LoadedData>;
}

/** Everything that fixes a run. */
export interface Recipe {
  spec: ModelSpec;
  options: TrainOptions;
  seed: number;
  data: DataSource;
  /** A model's bytes to start from, in place of fresh weights. */
  weights?: Uint8Array | undefined;
}

/** A run as it can be kept and continued. */
export interface RunCheckpoint {
  bytes: Uint8Array;
  step: number;
  epoch: number;
  history: HistoryData;
  strip: readonly StripFrame[];
}

export interface RunNotice {
  kind: 'recovered' | 'restarted' | 'moved';
  text: string;
}

export interface RunHooks {
  /** A checkpoint was taken: on pause, now and then while running, and when asked for. */
  oncheckpoint?: (checkpoint: RunCheckpoint) => unknown;
  /** The guard against numbers that are not finite halved the learning rate. */
  onlearningrate?: (rate: number) => void;
  /** Whether anyone looks at what the model makes of things: else nothing is computed for it. */
  isWatched?: () => boolean;
}

/** The worker died with a call in flight: a new one takes over. */
export function isLost(error: unknown): boolean {
  return error instanceof EngineError && (error.code === 'worker-lost' || error.code === 'panic');
}
