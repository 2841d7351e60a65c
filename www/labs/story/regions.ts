/** How large the region is that holds most of a posterior. */

import type { PlaneDensity } from '../../engine/protocol';

/** As much as the two-sd ellipse of a Gaussian holds. */
const MOST = 1 - Math.exp(-2);

/** The middle of the cell where the density is highest. */
export function topOf({ density, resolution, centre, halfWidth }: PlaneDensity): [number, number] {
  const best = density.reduce((most, value, at) => (value > (density[most] ?? -Infinity) ? at : most), 0);
  const place = (cell: number, middle: number): number =>
    middle + halfWidth * ((2 * cell + 1) / resolution - 1);
  return [place(best % resolution, centre[0]), place(Math.floor(best / resolution), centre[1])];
}

/** The least area, in squared units of the latents, that holds 86 % of the mass of the picture. */
export function areaOf({ density, resolution, halfWidth }: PlaneDensity, mass = MOST): number {
  const cell = ((2 * halfWidth) / resolution) ** 2;
  const sorted = Float64Array.from(density).sort();
  const total = sorted.reduce((sum, value) => sum + value, 0);
  let sum = 0;
  for (let at = sorted.length - 1; at >= 0; at -= 1) {
    const value = sorted[at] ?? 0;
    // Of the last cell only the part that is needed.
    if (sum + value >= mass * total) return cell * (sorted.length - 1 - at + (mass * total - sum) / value);
    sum += value;
  }
  return cell * sorted.length;
}
