/** Geometry of pen strokes: points in the unit field, origin top left, `[x0, y0, x1, y1, ...]`. */

import type { StrokeData } from '../engine/protocol';

export type Stroke = readonly number[];

/** Points lie on this grid, so that a link carries a drawing exactly. */
export const GRID = 4096;

/** Longer steps between pen events are filled with a curve, shorter ones are straight. */
const LONGEST_STRAIGHT = 1 / 64;

export function snap(value: number): number {
  return Math.round(Math.min(1, Math.max(0, value)) * GRID) / GRID;
}

export function toStrokeData(strokes: readonly Stroke[], penWidth: number): StrokeData {
  const strokeLengths = Uint32Array.from(strokes, (stroke) => stroke.length / 2);
  const points = new Float32Array(strokes.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const stroke of strokes) {
    points.set(stroke, at);
    at += stroke.length;
  }
  return { points, strokeLengths, penWidth };
}

export function fromStrokeData({ points, strokeLengths }: StrokeData): Stroke[] {
  const strokes: Stroke[] = [];
  let at = 0;
  for (const length of strokeLengths) {
    strokes.push(Array.from(points.subarray(at, at + 2 * length), snap));
    at += 2 * length;
  }
  return strokes;
}

/**
 * Points on the Catmull-Rom curve from `b` to `c`, without its ends, where the pen was too fast for the events.
 * `a` and `d` are the neighbours that give the curve its direction.
 */
export function between(a: Stroke, b: Stroke, c: Stroke, d: Stroke): number[] {
  const [ax = 0, ay = 0] = a;
  const [bx = 0, by = 0] = b;
  const [cx = 0, cy = 0] = c;
  const [dx = 0, dy = 0] = d;
  const pieces = Math.ceil(Math.hypot(cx - bx, cy - by) / LONGEST_STRAIGHT);
  const points: number[] = [];
  for (let piece = 1; piece < pieces; piece += 1) {
    const t = piece / pieces;
    const wa = t * (-0.5 + t * (1 - 0.5 * t));
    const wb = 1 + t * t * (-2.5 + 1.5 * t);
    const wc = t * (0.5 + t * (2 - 1.5 * t));
    const wd = t * t * (-0.5 + 0.5 * t);
    points.push(snap(wa * ax + wb * bx + wc * cx + wd * dx), snap(wa * ay + wb * by + wc * cy + wd * dy));
  }
  return points;
}

/**
 * A stroke with fewer of its points, such that none of those left out lies farther than the tolerance from the line
 * (Ramer 1972, Douglas and Peucker 1973).
 */
export function simplified(stroke: Stroke, tolerance: number): number[] {
  const points = stroke.length / 2;
  const kept = new Uint8Array(points);
  kept[0] = kept[points - 1] = 1;
  const open: [first: number, last: number][] = [[0, points - 1]];
  for (let part = open.pop(); part; part = open.pop()) {
    const [first, last] = part;
    let farthest = -1;
    let distance = tolerance;
    for (let at = first + 1; at < last; at += 1) {
      const own = distanceToSegment(stroke, at, first, last);
      if (own > distance) {
        distance = own;
        farthest = at;
      }
    }
    if (farthest < 0) continue;
    kept[farthest] = 1;
    open.push([first, farthest], [farthest, last]);
  }
  return stroke.filter((_, index) => kept[index >> 1]);
}

/** How far the stroke's point `at` lies from the line between its points `first` and `last`. */
function distanceToSegment(stroke: Stroke, at: number, first: number, last: number): number {
  const px = stroke[2 * first] ?? 0;
  const py = stroke[2 * first + 1] ?? 0;
  const dx = (stroke[2 * last] ?? 0) - px;
  const dy = (stroke[2 * last + 1] ?? 0) - py;
  const x = (stroke[2 * at] ?? 0) - px;
  const y = (stroke[2 * at + 1] ?? 0) - py;
  const squared = dx * dx + dy * dy;
  const along = squared === 0 ? 0 : Math.min(1, Math.max(0, (x * dx + y * dy) / squared));
  return Math.hypot(x - along * dx, y - along * dy);
}

/**
 * Cuts out of the strokes what lies within `radius` of (x, y). Strokes may shorten, split or vanish. Strokes that
 * are not touched are returned as they were, the very objects.
 */
export function eraseDisc(strokes: readonly Stroke[], x: number, y: number, radius: number): Stroke[] {
  return strokes.flatMap((stroke) => cut(stroke, x, y, radius) ?? [stroke]);
}

/** The pieces of a stroke outside a disc, or undefined where they do not meet. */
function cut(stroke: Stroke, x: number, y: number, radius: number): Stroke[] | undefined {
  const inside = (px: number, py: number): boolean => (px - x) ** 2 + (py - y) ** 2 < radius ** 2;
  const pieces: Stroke[] = [];
  let piece: number[] = [];
  let touched = false;
  const close = (): void => {
    if (piece.length > 0) pieces.push(piece);
    piece = [];
  };

  for (let at = 0; at < stroke.length; at += 2) {
    const px = stroke[at] ?? 0;
    const py = stroke[at + 1] ?? 0;
    const qx = stroke[at + 2];
    const qy = stroke[at + 3];
    if (inside(px, py)) {
      touched = true;
      close();
    } else {
      piece.push(px, py);
    }
    if (qx === undefined || qy === undefined) break;
    const crossing = crossings(px - x, py - y, qx - x, qy - y, radius);
    if (!crossing) continue;
    const [enter, leave] = crossing;
    if (enter > 0 && enter < 1) {
      touched = true;
      piece.push(snap(px + enter * (qx - px)), snap(py + enter * (qy - py)));
      close();
    }
    if (leave > 0 && leave < 1) {
      touched = true;
      piece = [snap(px + leave * (qx - px)), snap(py + leave * (qy - py))];
    }
  }
  close();
  return touched ? pieces : undefined;
}

/** Where the line from p to q meets a circle round the origin, as fractions of the way. */
function crossings(
  px: number,
  py: number,
  qx: number,
  qy: number,
  radius: number,
): [number, number] | undefined {
  const dx = qx - px;
  const dy = qy - py;
  const a = dx * dx + dy * dy;
  if (a === 0) return undefined;
  const half = px * dx + py * dy;
  const discriminant = half * half - a * (px * px + py * py - radius * radius);
  if (discriminant <= 0) return undefined;
  const root = Math.sqrt(discriminant);
  return [(-half - root) / a, (-half + root) / a];
}
