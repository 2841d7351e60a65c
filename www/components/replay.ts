/** Draws a sketch stroke by stroke, as a hand would. */

import type { Sketch } from '../state/drawing.svelte';
import type { Stroke } from '../state/strokes';

/** Lengths are in units of the field's side. */
const SPEED_PER_SECOND = 1.6;
const PAUSE_BETWEEN_STROKES = 0.25;
const SHORTEST_STROKE = 0.05;

function lengthOf(stroke: Stroke): number {
  let length = 0;
  for (let at = 2; at + 1 < stroke.length; at += 2) {
    length += Math.hypot(
      (stroke[at] ?? 0) - (stroke[at - 2] ?? 0),
      (stroke[at + 1] ?? 0) - (stroke[at - 1] ?? 0),
    );
  }
  return Math.max(SHORTEST_STROKE, length);
}

/** The part of the strokes that a pen has drawn after moving this far. */
export function partOf(strokes: readonly Stroke[], travelled: number): { strokes: Stroke[]; done: boolean } {
  const drawn: Stroke[] = [];
  let left = travelled;
  for (const stroke of strokes) {
    if (left <= 0) return { strokes: drawn, done: false };
    const length = lengthOf(stroke);
    const points = Math.max(1, Math.ceil(Math.min(1, left / length) * (stroke.length / 2)));
    drawn.push(stroke.slice(0, 2 * points));
    if (left < length) return { strokes: drawn, done: false };
    left -= length + PAUSE_BETWEEN_STROKES;
  }
  return { strokes: drawn, done: true };
}

/** Plays the sketch frame by frame; resolves at its end, or at once when the signal aborts. */
export function replay(sketch: Sketch, show: (sketch: Sketch) => void, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const start = performance.now();
    const frame = (now: number): void => {
      if (signal.aborted) {
        resolve();
        return;
      }
      const { strokes, done } = partOf(sketch.strokes, ((now - start) / 1_000) * SPEED_PER_SECOND);
      show(done ? sketch : { ...sketch, strokes });
      if (done) resolve();
      else requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
}
