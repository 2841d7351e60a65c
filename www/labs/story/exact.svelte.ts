/** The exact posterior of the drawing, and a Gaussian held against it: every number by integration. */

import { shapeOf, type PosteriorShape } from '../../components/contours';
import { latticeOf, reverse } from '../../components/divergence';
import { covarianceOf, determinant, heldOf, type HeldGaussian } from '../../components/gaussian';
import { engine } from '../../engine/client';
import type { Code, GridPosterior } from '../../engine/protocol';
import { Figure } from '../../state/figure.svelte';
import type { Subject } from './subject.svelte';

/** A square of the plane of codes. */
export interface Frame {
  centre: readonly [number, number];
  halfWidth: number;
}

export interface Exact {
  subject: Subject;
  posterior: GridPosterior;
  shape: PosteriorShape;
  /** Where the posterior and the encoder's q are. */
  frame: Frame;
}

export async function exactOf(subject: Subject, signal?: AbortSignal): Promise<Exact> {
  const { model, pixels, code } = subject;
  const worker = await engine.figures(model.key);
  const posterior = await worker.call('posterior', [model.key, pixels], signal);
  const shape = shapeOf(posterior);
  const q = heldCode(code);
  const away = Math.max(...[0, 1].map((axis) => Math.abs((q.mean[axis] ?? 0) - (shape.mean[axis] ?? 0))));
  const halfWidth = Math.max(5 * Math.max(...shape.sd), away + 3.5 * Math.max(...q.sd));
  return { subject, posterior, shape, frame: { centre: shape.mean, halfWidth } };
}

/** The encoder's answer as a Gaussian of two latents. */
export function heldCode({ mean, logVar }: Code): HeldGaussian {
  const variance = (axis: number): number => Math.exp(logVar[axis] ?? 0);
  return heldOf([mean[0] ?? 0, mean[1] ?? 0], [variance(0), 0, variance(1)]);
}

/** What a Gaussian q makes of log p(x), nats. */
export interface Bound {
  q: HeldGaussian;
  evidence: number;
  elbo: number;
  /** KL(q ‖ p(z|x)): what the bound lacks. */
  gap: number;
  /** E[log p(x|z)] under q, and KL(q ‖ p(z)). */
  reconstruction: number;
  rate: number;
}

/** KL(q‖N(0, 1)), nats. */
export function rateOf(q: HeldGaussian): number {
  const covariance = covarianceOf(q);
  const square = q.mean[0] ** 2 + q.mean[1] ** 2;
  return (covariance[0] + covariance[2] + square - 2 - Math.log(determinant(covariance))) / 2;
}

export async function boundOf(
  { subject, posterior }: Exact,
  q: HeldGaussian,
  signal?: AbortSignal,
): Promise<Bound> {
  const { key } = subject.model;
  const worker = await engine.study(key);
  const logJoint = await worker.call('logJoint', [key, subject.pixels, latticeOf(q).z], signal);
  const { logLikelihood: value, tolerance } = posterior;
  const gap = reverse(q, logJoint, { value, tolerance }).value;
  const rate = rateOf(q);
  const elbo = value - gap;
  return { q, evidence: value, elbo, gap, reconstruction: elbo + rate, rate };
}

const STARTS = ['encoder', 'search'] as const;

/**
 * The best Gaussian with independent numbers: the better end of two climbs, one from the encoder's answer and
 * one from the most probable of many codes. Where the encoder is far off, the first may end on a lower hill.
 */
export async function bestOf(exact: Exact, seed: number, signal: AbortSignal): Promise<HeldGaussian> {
  const ends: Bound[] = [];
  for (const start of STARTS) {
    ends.push(await boundOf(exact, await climbedFrom(exact, start, seed, signal), signal));
  }
  return ends.reduce((best, end) => (end.gap < best.gap ? end : best)).q;
}

async function climbedFrom(
  { subject }: Exact,
  start: (typeof STARTS)[number],
  seed: number,
  signal: AbortSignal,
): Promise<HeldGaussian> {
  const name = 'story';
  const { key } = subject.model;
  const worker = await engine.study(key);
  const { length } = await worker.call('createClimb', [name, key, subject.pixels, seed, start], signal);
  let found: Code | undefined;
  const piece = Math.max(1, Math.ceil(length / 12));
  for (let steps = 0; steps < length; steps += piece) {
    found = await worker.call('advanceClimb', [name, piece, 2], signal);
  }
  return heldCode(found ?? subject.code);
}

/** The exact posterior of the newest drawing. */
export class ExactPosterior extends Figure<Exact> {
  constructor() {
    super('abort');
  }

  async look(subject: Subject): Promise<void> {
    await this.find(subject, (signal) => exactOf(subject, signal));
  }
}
