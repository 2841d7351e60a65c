/** A posterior is often tiny on the map: the place of the lens that enlarges it, and its magnification. */

import type { Code } from '../engine/protocol';
import type { PosteriorShape } from './contours';

export interface Lens {
  /** The latents in its middle. */
  centre: readonly [number, number];
  zoom: number;
  /** Pixels of the lens for one unit of a latent. */
  scale: number;
  /** Its middle and radius on the map, pixels. */
  x: number;
  y: number;
  radius: number;
}

/** How many standard deviations are seen on each side. */
const VIEW_SD = 3.4;
/** The magnification steps: it would tremble with every movement of the pen otherwise. */
const ZOOM_STEP = Math.SQRT2;
const SMALLEST_ZOOM = 2;
/** Of the map's side. */
const RADIUS = 0.17;
const MARGIN_PX = 10;
/** Below it stand the axis's numbers. */
const LOWER_MARGIN_PX = 26;

/**
 * The lens over q(z|x) and, where it is known, the exact posterior; over the posterior alone where the two lie so far
 * apart that nothing would be enlarged. None where the map itself shows them large enough.
 *
 * `extent` is half the side of the map in latents, `side` the same in pixels; `place` is where the visitor has put it,
 * as fractions of the side.
 */
export function lensOf(
  code: Code,
  shape: PosteriorShape | undefined,
  extent: number,
  side: number,
  place?: readonly [number, number],
): Lens | undefined {
  const mean = [code.mean[0] ?? 0, code.mean[1] ?? 0] as const;
  // A shape that its grid does not resolve would be misleading when enlarged.
  const exact = shape?.resolved ? shape : undefined;
  const centre = exact?.mean ?? mean;
  const radius = RADIUS * side;
  const zoomFor = (reach: number): number =>
    ZOOM_STEP ** Math.floor(Math.log((radius * extent) / ((side / 2) * reach)) / Math.log(ZOOM_STEP));
  const exactReach = VIEW_SD * Math.max(exact?.sd[0] ?? 0, exact?.sd[1] ?? 0);
  const codeReach = Math.max(
    ...[0, 1].map(
      (axis) =>
        Math.abs((mean[axis] ?? 0) - (centre[axis] ?? 0)) + VIEW_SD * Math.exp((code.logVar[axis] ?? 0) / 2),
    ),
  );
  let zoom = zoomFor(Math.max(codeReach, exactReach));
  if (exact && !(zoom >= SMALLEST_ZOOM)) zoom = zoomFor(exactReach);
  if (!(zoom >= SMALLEST_ZOOM) || !Number.isFinite(zoom) || side <= 0) return undefined;

  const toMap = ([z1, z2]: readonly [number, number]): [number, number] => [
    ((z1 + extent) * side) / (2 * extent),
    ((extent - z2) * side) / (2 * extent),
  ];
  const [x, y] = place
    ? ([clamp(place[0] * side, radius, side), clamp(place[1] * side, radius, side)] as const)
    : emptiestCorner([toMap(centre), toMap(mean)], radius, side);
  return { centre, zoom, scale: (zoom * side) / (2 * extent), x, y, radius };
}

function clamp(value: number, radius: number, side: number): number {
  return Math.min(side - radius, Math.max(radius, value));
}

/** The corner farthest from what the lens shows. */
function emptiestCorner(
  points: readonly (readonly [number, number])[],
  radius: number,
  side: number,
): readonly [number, number] {
  const near = radius + MARGIN_PX;
  const corners = [
    [near, near],
    [side - near, near],
    [near, side - radius - LOWER_MARGIN_PX],
    [side - near, side - radius - LOWER_MARGIN_PX],
  ] as const;
  const room = ([x, y]: readonly [number, number]): number =>
    Math.min(...points.map(([px, py]) => Math.hypot(px - x, py - y)));
  return corners.reduce((best, corner) => (room(corner) > room(best) ? corner : best));
}
