/** How much of the space of codes a map shows. */

/** Almost all of a unit normal lies within this; a model whose codes are all in the middle is shown as much. */
export const SMALLEST_EXTENT = 3;
/** This fraction of all codes may lie outside of the map, so that a few stray codes do not make it small. */
const STRAY_FRACTION = 0.005;

/** Half the side of the square round 0 that holds almost all of the values, to the half unit; never less than 3. */
export function extentOf(values: Float32Array, largest = Infinity): number {
  const sizes = values.map(Math.abs).sort();
  const typical = sizes[Math.floor((1 - STRAY_FRACTION) * (sizes.length - 1))] ?? 0;
  return Math.min(largest, Math.max(SMALLEST_EXTENT, Math.ceil(2 * typical) / 2));
}
