/** Codes drawn from a density on the plane. */

import type { PlaneDensity } from '../../engine/protocol';
import { Random } from '../../state/random';

/** So many codes, n×2: a cell by its share of the density, and a place in that cell. */
export function drawCodes(
  { density, resolution, centre, halfWidth }: PlaneDensity,
  count: number,
  seed: number,
): Float32Array {
  const random = new Random(seed);
  const ends = new Float64Array(density.length);
  let total = 0;
  density.forEach((value, cell) => {
    total += value;
    ends[cell] = total;
  });
  const cellSide = (2 * halfWidth) / resolution;
  const codes = new Float32Array(2 * count);
  for (let draw = 0; draw < count; draw += 1) {
    const at = total * random.uniform();
    const cell = Math.max(
      0,
      ends.findIndex((end) => end > at),
    );
    codes[2 * draw] = centre[0] - halfWidth + cellSide * ((cell % resolution) + random.uniform());
    codes[2 * draw + 1] =
      centre[1] - halfWidth + cellSide * (Math.floor(cell / resolution) + random.uniform());
  }
  return codes;
}
