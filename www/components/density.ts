/** Densities of codes on a plane, smoothed from the codes themselves. */

import { shapeOf, type PosteriorShape } from './contours';

/** A density on a square of two latents, in the same order as posteriors: rows of rising z2, columns of rising z1. */
export interface Density {
  density: Float32Array;
  resolution: number;
  extent: number;
}

/** Density of places on a plane, smoothed by a Gaussian of this width; what falls outside is left out. */
export function densityOf(places: Float32Array, extent: number, resolution: number, width: number): Density {
  const cell = (2 * extent) / resolution;
  const counts = new Float64Array(resolution * resolution);
  let inside = 0;
  for (let at = 0; at + 1 < places.length; at += 2) {
    const column = Math.floor(((places[at] ?? 0) + extent) / cell);
    const row = Math.floor(((places[at + 1] ?? 0) + extent) / cell);
    if (column < 0 || row < 0 || column >= resolution || row >= resolution) continue;
    counts[row * resolution + column] = (counts[row * resolution + column] ?? 0) + 1;
    inside += 1;
  }
  const reach = Math.ceil((4 * width) / cell);
  const kernel = Array.from({ length: 2 * reach + 1 }, (_, at) =>
    Math.exp(-((((at - reach) * cell) / width) ** 2) / 2),
  );
  const total = kernel.reduce((sum, value) => sum + value, 0);
  const blur = (values: Float64Array, step: number, other: number): Float64Array => {
    const blurred = new Float64Array(values.length);
    for (let line = 0; line < resolution; line += 1) {
      for (let at = 0; at < resolution; at += 1) {
        const value = values[line * other + at * step] ?? 0;
        if (value === 0) continue;
        for (let shift = -reach; shift <= reach; shift += 1) {
          const to = at + shift;
          if (to < 0 || to >= resolution) continue;
          const index = line * other + to * step;
          blurred[index] = (blurred[index] ?? 0) + (value * (kernel[shift + reach] ?? 0)) / total;
        }
      }
    }
    return blurred;
  };
  const smooth = blur(blur(counts, 1, resolution), resolution, 1);
  const scale = inside > 0 ? 1 / (inside * cell * cell) : 0;
  return { density: Float32Array.from(smooth, (value) => value * scale), resolution, extent };
}

/** Cells a side of the square that holds the draws. */
const OUTLINE_RESOLUTION = 96;
/** Half its side, in standard deviations along the longer axis. */
const OUTLINE_REACH = 4;

/** The shape of a distribution on the plane, from draws of it: n×2. */
export function outlineOf(draws: Float32Array): PosteriorShape | undefined {
  const count = Math.floor(draws.length / 2);
  const mean = [0, 1].map((axis) => {
    let sum = 0;
    for (let row = 0; row < count; row += 1) sum += draws[2 * row + axis] ?? 0;
    return sum / count;
  });
  const centre = [mean[0] ?? 0, mean[1] ?? 0] as const;
  const centred = draws.map((value, at) => value - centre[at % 2 === 0 ? 0 : 1]);
  const [shorter, longer] = principalDeviations(centred);
  if (!(shorter > 0)) return undefined;
  const halfWidth = OUTLINE_REACH * longer;
  // Scott's rule, by the shorter axis: by the longer one the other would be blurred away.
  const width = shorter * count ** (-1 / 6);
  const { density } = densityOf(centred, halfWidth, OUTLINE_RESOLUTION, width);
  return shapeOf({ density, resolution: OUTLINE_RESOLUTION, centre: [...centre], halfWidth });
}

/** Standard deviations of centred places along their two principal axes, the shorter first. */
function principalDeviations(places: Float32Array): [number, number] {
  const count = places.length / 2;
  let [first, both, second] = [0, 0, 0];
  for (let at = 0; at + 1 < places.length; at += 2) {
    const [x = 0, y = 0] = places.subarray(at, at + 2);
    first += (x * x) / count;
    both += (x * y) / count;
    second += (y * y) / count;
  }
  const middle = (first + second) / 2;
  const reach = Math.hypot((first - second) / 2, both);
  return [Math.sqrt(Math.max(0, middle - reach)), Math.sqrt(middle + reach)];
}
