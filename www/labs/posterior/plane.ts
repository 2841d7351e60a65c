/** Which part of the plane of codes is shown, and how large things are on it. */

import { signed } from '../../components/format';

/** A square of latents. */
export interface Frame {
  readonly centre: readonly [number, number];
  readonly halfWidth: number;
}

/** Something that must be in sight: a middle and how far it reaches along each latent. */
export interface Extent {
  readonly centre: readonly [number, number];
  readonly reach: readonly [number, number];
}

/** The least square round all of these. */
export function frameRound(extents: readonly Extent[]): Frame {
  const edge = (axis: 0 | 1, sign: 1 | -1): number[] =>
    extents.map(({ centre, reach }) => centre[axis] + sign * reach[axis]);
  const bounds = ([0, 1] as const).map((axis) => ({
    low: Math.min(...edge(axis, -1)),
    high: Math.max(...edge(axis, 1)),
  }));
  const centre = bounds.map(({ low, high }) => (low + high) / 2) as [number, number];
  const halfWidth = Math.max(...bounds.map(({ low, high }) => (high - low) / 2));
  return { centre, halfWidth };
}

const STEPS = [1, 2, 5];

/** The largest of 1, 2, 5, 10 … that is at most this: lengths that people like. */
export function roundLength(most: number): number {
  const power = 10 ** Math.floor(Math.log10(most));
  const step = STEPS.findLast((one) => one * power <= most * (1 + 1e-9)) ?? 1;
  return step * power;
}

/** A length with as many decimals as it has. */
export function lengthText(length: number): string {
  return signed(length, Math.max(0, Math.ceil(-Math.log10(length) - 1e-9)));
}
