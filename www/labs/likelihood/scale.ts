/** What the chart of the race shows of it. */

import type { Point } from './runners';
import type { View } from './settings';

/** The known or estimated log p(x), nats. */
export type Truth =
  | { kind: 'exact'; value: number }
  /** From the chains that came from below and from above. */
  | { kind: 'between'; low: number; high: number }
  | { kind: 'unknown' };

/** The view near the true value: this many nats below and above it. */
const NEAR_BELOW = 3;
const NEAR_ABOVE = 1.5;
/** Of the whole, above the highest curve. */
const HEADROOM = 0.06;
const SMALLEST_SPAN = 4;

/** The lowest and the highest number of nats to show. */
export function domainOf(curves: readonly (readonly Point[])[], truth: Truth, view: View): [number, number] {
  const values = curves.flatMap((points) => points.map(({ value }) => value));
  const known =
    truth.kind === 'exact' ? [truth.value] : truth.kind === 'between' ? [truth.low, truth.high] : [];
  const best =
    known.length > 0 ? known : [Math.max(...curves.map((points) => points.at(-1)?.value ?? -Infinity))];
  if (view === 'near' && best.every(Number.isFinite)) {
    return [Math.min(...best) - NEAR_BELOW, Math.max(...best) + NEAR_ABOVE];
  }
  const all = [...values, ...known].filter(Number.isFinite);
  if (all.length === 0) return [-200, 0];
  const high = Math.max(...all);
  const low = Math.min(...all, high - SMALLEST_SPAN);
  return [low, high + HEADROOM * (high - low)];
}

/** A curve that holds each value until the next is known: an estimate does not change by itself. */
export function pathOf(
  points: readonly Point[],
  x: (evaluations: number) => number,
  y: (nats: number) => number,
): string {
  return points
    .map(({ evaluations, value }, at) => {
      const [across, down] = [x(evaluations).toFixed(1), y(value).toFixed(1)];
      return at === 0 ? `M${across},${down}` : `H${across}V${down}`;
    })
    .join('');
}
