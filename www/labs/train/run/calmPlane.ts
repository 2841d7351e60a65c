/** Codes of any number of latents as points of a plane, so that a map of them moves calmly while they change. */

/** Half a map's side is one of these: it changes seldom. */
const EXTENTS = [3, 4, 5, 6, 8, 10, 15, 20, 30, 50, 100, 200, 500, 1_000];
/** The map leaves out this fraction of stray codes rather than shrink for them. */
const STRAY_FRACTION = 0.01;
/** A smaller extent is taken only when codes fit into this much of it. */
const SHRINK_MARGIN = 0.85;

/** Half the side of the square that holds almost all points, near the one before if that still does. */
export function calmExtent(points: Float32Array, before: number): number {
  // A model that diverges has codes that are no numbers for a moment.
  const sizes = points.filter(Number.isFinite).map(Math.abs).sort();
  const needed = sizes[Math.floor((1 - STRAY_FRACTION) * (sizes.length - 1))] ?? 0;
  const smallest = (size: number): number => EXTENTS.find((extent) => extent >= size) ?? size;
  const extent = smallest(needed);
  return extent < before ? Math.min(before, smallest(needed / SHRINK_MARGIN)) : extent;
}

/** One latent: its value across, its class (or the middle) up, so that the ten classes lie in ten rows. */
export function rowsByClass(values: Float32Array, labels: Uint8Array | undefined): Float32Array<ArrayBuffer> {
  const points = new Float32Array(2 * values.length);
  values.forEach((value, index) => {
    points[2 * index] = value;
    points[2 * index + 1] = ((labels?.[index] ?? 4.5) - 4.5) / 2;
  });
  return points;
}

/** A rotation or mirroring of the plane, row by row. */
export type Turn = readonly [number, number, number, number];

/** The one that brings `points` nearest to where they were (orthogonal Procrustes). */
export function nearestTurn(points: Float32Array, before: Float32Array): Turn {
  let xx = 0;
  let xy = 0;
  let yx = 0;
  let yy = 0;
  for (let at = 0; at + 1 < Math.min(points.length, before.length); at += 2) {
    const [px = 0, py = 0] = points.subarray(at, at + 2);
    const [qx = 0, qy = 0] = before.subarray(at, at + 2);
    xx += qx * px;
    xy += qx * py;
    yx += qy * px;
    yy += qy * py;
  }
  const turn = Math.hypot(xx + yy, yx - xy);
  const mirror = Math.hypot(xx - yy, yx + xy);
  if (turn === 0 && mirror === 0) return [1, 0, 0, 1];
  if (turn >= mirror) {
    const [cos, sin] = [(xx + yy) / turn, (yx - xy) / turn];
    return [cos, -sin, sin, cos];
  }
  const [cos, sin] = [(xx - yy) / mirror, (yx + xy) / mirror];
  return [cos, sin, sin, -cos];
}

export function applyTurn(points: Float32Array, [a, b, c, d]: Turn): Float32Array<ArrayBuffer> {
  const turned = new Float32Array(points.length);
  for (let at = 0; at + 1 < points.length; at += 2) {
    const [x = 0, y = 0] = points.subarray(at, at + 2);
    turned[at] = a * x + b * y;
    turned[at + 1] = c * x + d * y;
  }
  return turned;
}
