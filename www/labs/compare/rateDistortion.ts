/** Places on the rate–distortion figure. */

import type { CatalogueEntry } from '../../state/catalogue';

/** The catalogue's mean rate and distortion of test digits, nats; none of grey pixels or without a bound. */
export function testPoint({
  pixels,
  elbo,
  reconstruction,
}: Pick<CatalogueEntry, 'pixels' | 'elbo' | 'reconstruction'>): [number, number] | undefined {
  if (pixels !== 'black or white' || elbo === undefined || reconstruction === undefined) return undefined;
  return [reconstruction - elbo, -reconstruction];
}

/** The next round number that leaves room above a value. */
export function niceLimit(value: number): number {
  const step = value > 100 ? 40 : value > 40 ? 20 : 4;
  return Math.max(step, Math.ceil((1.04 * value) / step) * step);
}

/** Sums of rate and distortion for which a line is drawn: round, and about six of them. */
export function isoLines(right: number, top: number): number[] {
  const most = right + top;
  const step = [10, 20, 25, 50, 100, 200].find((one) => most / one <= 7) ?? 500;
  return Array.from({ length: Math.floor(most / step) }, (_, at) => (at + 1) * step);
}

/** Points of the line on which rate and distortion have this sum, up to a rate: it is bent where the axis is no straight one. */
export function isoLine(sum: number, right: number): [number, number][] {
  const steps = 60;
  const last = Math.min(sum, right);
  return Array.from({ length: steps + 1 }, (_, at) => {
    // Closer together where the rate is small.
    const rate = last * (at / steps) ** 2;
    return [rate, sum - rate];
  });
}

/** 0, 1, 3, 10, 30 ... up to a limit. */
export function ratioTicks(limit: number): number[] {
  const ticks = [0];
  for (let power = 1; power <= limit; power *= 10) ticks.push(power, 3 * power);
  return ticks.filter((tick) => tick <= limit);
}

type Place = readonly [number, number];

/** Places for marks that are not to cover each other: one that would is moved to the right, past those before it. */
export function apart(places: readonly Place[], distance: number): Place[] {
  const taken: Place[] = [];
  for (const [x, y] of places) {
    let to = x;
    const covered = (): Place | undefined =>
      taken.find(([otherX, otherY]) => Math.hypot(to - otherX, y - otherY) < distance);
    for (let other = covered(); other; other = covered()) to = Math.max(to, other[0]) + distance;
    taken.push([to, y]);
  }
  return taken;
}
