/** What a check of this program is: data and one computation. */

import type { EngineApi } from '../../engine/protocol';

/** A number that a check found, in words. */
export interface Figure {
  name: string;
  value: string;
}

export interface Finding {
  passed: boolean;
  figures: Figure[];
}

/** What a check computes with. */
export interface Bench {
  /** Asks the worker of the checks; throws when the checks were stopped. */
  ask<M extends keyof EngineApi>(
    method: M,
    ...parameters: Parameters<EngineApi[M]>
  ): Promise<ReturnType<EngineApi[M]>>;
  /** The name of the shipped model in that worker. */
  model(): Promise<string>;
  /** The visitor's drawing as the model sees it, 784 numbers 0 or 1; a stroke digit where nothing is drawn. */
  subject(): Promise<{ pixels: Float32Array; name: string }>;
  /** How much of the check is done, 0 to 1. */
  progress(share: number): void;
  /** Another one for each run of the checks. */
  seed: number;
}

export interface Check {
  id: string;
  /** What must hold. */
  title: string;
  /** What is compared with what. */
  compares: string;
  /** How far they may lie apart. */
  tolerance: string;
  run(bench: Bench): Promise<Finding>;
}

/** A reason why a check says nothing about the program: something that it needs is not there. */
export class CannotRun extends Error {
  override readonly name = 'CannotRun';
}

/** How a check stands. */
export type Outcome =
  | { state: 'waiting' }
  | { state: 'running'; share: number }
  | { state: 'passed'; figures: Figure[] }
  | { state: 'failed'; figures: Figure[]; reason?: string }
  | { state: 'impossible'; reason: string };
