/** log p(x) of test digits, as the command line has recorded them, and where a picture stands among them. */

import { counted, signed } from '../../components/format';

/** The file of `latent-canvas range --values`. */
export interface TestValuesFile {
  pixels: 'thresholded' | 'grey';
  estimator: string;
  /** The lowest value, in tenths of a nat. */
  firstTenth: number;
  /** From each value to the next, ascending. */
  stepsInTenths: readonly number[];
}

/** The values, ascending, nats. */
export function valuesOf({ firstTenth, stepsInTenths }: TestValuesFile): Float64Array {
  const values = new Float64Array(stepsInTenths.length + 1);
  let tenths = firstTenth;
  values[0] = tenths / 10;
  stepsInTenths.forEach((step, at) => {
    tenths += step;
    values[at + 1] = tenths / 10;
  });
  return values;
}

export interface Bin {
  from: number;
  to: number;
  count: number;
}

/** Widths of bins to choose from, nats. */
const WIDTHS = [1, 2, 5, 10, 20, 50, 100];

/** The number of values in each of about `count` bins between round numbers. */
export function binsOf(ascending: Float64Array, about: number): Bin[] {
  const low = ascending[0];
  const high = ascending.at(-1);
  if (low === undefined || high === undefined) return [];
  const width = WIDTHS.find((one) => (high - low) / one <= about) ?? 200;
  const first = Math.floor(low / width);
  const bins = Array.from({ length: Math.floor(high / width) - first + 1 }, (_, at) => ({
    from: (first + at) * width,
    to: (first + at + 1) * width,
    count: 0,
  }));
  for (const value of ascending) {
    const bin = bins[Math.floor(value / width) - first];
    if (bin) bin.count += 1;
  }
  return bins;
}

/** The share of the values that lie below this one. */
export function shareBelow(ascending: Float64Array, value: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? Infinity) < value) low = middle + 1;
    else high = middle;
  }
  return ascending.length > 0 ? low / ascending.length : NaN;
}

/** In words: the place of a picture among `count` digits. */
export function standing(ascending: Float64Array, value: number): string {
  const count = ascending.length;
  const below = Math.round(shareBelow(ascending, value) * count);
  if (below === 0) return `less probable than every one of ${counted(count)} test digits`;
  if (below === count) return `more probable than every one of ${counted(count)} test digits`;
  const percent = Math.round((100 * below) / count);
  if (percent === 0 || percent === 100)
    return `more probable than ${counted(below)} of ${counted(count)} test digits`;
  return `more probable than ${signed((100 * below) / count, 0)} % of ${counted(count)} test digits`;
}

/** A picture farther out than this, in units of the range of all digits, is marked by an arrow at the edge. */
const FARTHEST = 4;
const MARGIN = 0.04;
const LONE_SPAN = 50;

/** The lowest and the highest number of nats that the axis shows. */
export function axisOf(ascending: Float64Array | undefined, needles: readonly number[]): [number, number] {
  const low = ascending?.[0] ?? Math.min(...needles, 0) - LONE_SPAN;
  const high = ascending?.at(-1) ?? Math.max(...needles, low + LONE_SPAN);
  const span = Math.max(1, high - low);
  const within = needles.filter((value) => value > low - FARTHEST * span && value < high + FARTHEST * span);
  const [first, last] = [Math.min(low, ...within), Math.max(high, ...within)];
  const margin = MARGIN * (last - first);
  return [first - margin, last + margin];
}
