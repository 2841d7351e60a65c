/** Regions of highest density of a posterior on a grid, as curves in latent coordinates. */

import { contours } from 'd3-contour';

import type { PlaneDensity } from '../engine/protocol';

/** Mass inside the 1-sd and 2-sd ellipses of any two-dimensional Gaussian: 1 − exp(−r²/2). */
export const ONE_SD_MASS = 1 - Math.exp(-1 / 2);
export const TWO_SD_MASS = 1 - Math.exp(-2);

export interface Region {
  mass: number;
  /** SVG path in latent coordinates, z2 upwards. */
  path: string;
}

export interface PosteriorShape {
  regions: readonly Region[];
  mean: readonly [number, number];
  /** Standard deviation along each latent. */
  sd: readonly [number, number];
  /** The grid is fine enough for the regions to have a shape. */
  resolved: boolean;
}

/** A cell with more of the mass than this says that the grid is too coarse to show a shape. */
const LARGEST_CELL_MASS = 0.12;

interface Frame {
  left: number;
  bottom: number;
  cell: number;
}

function frameOf({ centre, halfWidth, resolution }: PlaneDensity): Frame {
  return {
    left: centre[0] - halfWidth,
    bottom: centre[1] - halfWidth,
    cell: (2 * halfWidth) / resolution,
  };
}

export function shapeOf(
  posterior: PlaneDensity,
  masses: readonly number[] = [ONE_SD_MASS, TWO_SD_MASS],
): PosteriorShape {
  const { density, resolution } = posterior;
  const { left, bottom, cell } = frameOf(posterior);
  let total = 0;
  let largest = 0;
  const sum = [0, 0, 0, 0] as [number, number, number, number];
  for (let index = 0; index < density.length; index += 1) {
    const weight = density[index] ?? 0;
    const z1 = left + cell * ((index % resolution) + 0.5);
    const z2 = bottom + cell * (Math.floor(index / resolution) + 0.5);
    total += weight;
    largest = Math.max(largest, weight);
    sum[0] += weight * z1;
    sum[1] += weight * z2;
    sum[2] += weight * z1 * z1;
    sum[3] += weight * z2 * z2;
  }
  const mean = [sum[0] / total, sum[1] / total] as const;
  const sd = [
    Math.sqrt(Math.max(0, sum[2] / total - mean[0] ** 2)),
    Math.sqrt(Math.max(0, sum[3] / total - mean[1] ** 2)),
  ] as const;
  const resolved = largest / total < LARGEST_CELL_MASS;
  const thresholds = resolved ? thresholdsOf(density, total, masses) : [];
  const trace = contours().size([resolution, resolution]);
  const values = Array.from(density);
  const regions = thresholds.map(({ mass, threshold }) => {
    const rings = trace.contour(values, threshold).coordinates.flat();
    const path = rings
      .map((ring) => {
        const points = ring.map(
          // d3 puts a cell's value at its middle, half a unit in; so does the grid.
          ([column = 0, row = 0]) =>
            `${(left + cell * column).toFixed(5)},${(bottom + cell * row).toFixed(5)}`,
        );
        return `M${points.join('L')}Z`;
      })
      .join('');
    return { mass, path };
  });
  return { regions, mean, sd, resolved };
}

/** The densities above which the given masses lie. */
function thresholdsOf(
  density: Float32Array,
  total: number,
  masses: readonly number[],
): { mass: number; threshold: number }[] {
  const sorted = density.slice().sort();
  const ascending = [...masses].sort((a, b) => a - b);
  const found: { mass: number; threshold: number }[] = [];
  let sum = 0;
  for (let at = sorted.length - 1; at >= 0 && found.length < ascending.length; at -= 1) {
    sum += sorted[at] ?? 0;
    const mass = ascending[found.length] ?? 1;
    if (sum >= mass * total) found.push({ mass, threshold: sorted[at] ?? 0 });
  }
  return found;
}
