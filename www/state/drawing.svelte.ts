/** The visitor's drawing: pen strokes with a history, never pixels. */

import type { StrokeData } from '../engine/protocol';
import { between, eraseDisc, fromStrokeData, snap, type Stroke } from './strokes';

export type Tool = 'pen' | 'eraser';

/**
 * The states that undo and redo go between. A sketch is never changed in place. Only the stroke under the pen grows, and each
 * step of it makes a new sketch.
 */
export interface Sketch {
  readonly strokes: readonly Stroke[];
  /** In units of the field's side. */
  readonly penWidth: number;
}

export const PEN_WIDTH = { default: 288 / 4096, minimum: 0.02, maximum: 0.16 };
const ERASER_RADIUS = 0.055;
const HISTORY_LIMIT = 200;

const EMPTY: Sketch = { strokes: [], penWidth: PEN_WIDTH.default };

export class Drawing {
  #sketch = $state.raw<Sketch>(EMPTY);
  #past = $state.raw<readonly Sketch[]>([]);
  #future = $state.raw<readonly Sketch[]>([]);
  /** The sketch before the gesture under way; undefined between gestures. */
  #before = $state.raw<Sketch | undefined>(undefined);
  /** The stroke under way, which grows in place: copying it at every event would take a time that grows with its square. */
  #growing: number[] = [];
  /** The newest pen events of it, before curves are filled in. */
  #trail: number[] = [];
  #gesture: Tool = 'pen';
  /** The sketch that the page drew by itself, as an example. */
  #example = $state.raw<Sketch>();

  tool = $state<Tool>('pen');

  get sketch(): Sketch {
    return this.#sketch;
  }

  get strokes(): readonly Stroke[] {
    return this.#sketch.strokes;
  }

  get penWidth(): number {
    return this.#sketch.penWidth;
  }

  /** Radius of the eraser; its cut meets the round caps of what stays. */
  get eraserRadius(): number {
    return ERASER_RADIUS;
  }

  get isEmpty(): boolean {
    return this.#sketch.strokes.length === 0;
  }

  /** Whether all that is drawn is the page's own example. */
  get isExample(): boolean {
    return this.#sketch === this.#example;
  }

  get isDrawing(): boolean {
    return this.#before !== undefined;
  }

  get canUndo(): boolean {
    return this.#past.length > 0;
  }

  get canRedo(): boolean {
    return this.#future.length > 0;
  }

  /** Starts a gesture of the pen or the eraser. An example makes way for the pen; undoing the stroke brings it back. */
  begin(x: number, y: number, tool: Tool = this.tool): void {
    if (this.isDrawing) this.end();
    this.#before = this.#sketch;
    this.#gesture = tool;
    this.#trail = [snap(x), snap(y)];
    if (tool === 'eraser') {
      this.#erase(this.#trail);
      return;
    }
    this.#growing = [...this.#trail];
    this.#setStrokes([...(this.isExample ? [] : this.strokes), this.#growing]);
  }

  /** Continues it; `points` are the positions since the last call, in order. */
  extend(points: readonly number[]): void {
    if (!this.isDrawing) return;
    if (this.#gesture === 'eraser') {
      this.#eraseAlong(points);
      return;
    }
    const before = this.#growing.length;
    for (let at = 0; at + 1 < points.length; at += 2) {
      this.#append(snap(points[at] ?? 0), snap(points[at + 1] ?? 0));
    }
    if (this.#growing.length > before) this.#setStrokes([...this.strokes]);
  }

  /** Ends it: the whole gesture becomes one step of the history. */
  end(): void {
    const before = this.#before;
    this.#before = undefined;
    if (before && before.strokes !== this.#sketch.strokes) this.#remember(before);
  }

  /** Takes the gesture under way back, as if it had never begun. */
  cancel(): void {
    if (this.#before) this.#sketch = this.#before;
    this.#before = undefined;
  }

  undo(): void {
    this.end();
    const previous = this.#past.at(-1);
    if (!previous) return;
    this.#past = this.#past.slice(0, -1);
    this.#future = [...this.#future, this.#sketch];
    this.#sketch = previous;
  }

  redo(): void {
    this.end();
    const next = this.#future.at(-1);
    if (!next) return;
    this.#future = this.#future.slice(0, -1);
    this.#past = [...this.#past, this.#sketch];
    this.#sketch = next;
  }

  clear(): void {
    if (!this.isEmpty) this.replace({ ...this.#sketch, strokes: [] });
  }

  /** Another sketch in one step of the history. */
  replace(sketch: Sketch): void {
    this.end();
    this.#remember(this.#sketch);
    this.#sketch = sketch;
  }

  /** Shows a sketch without a trace in the history: an animation's frame, or a link's drawing. */
  show(sketch: Sketch): void {
    this.#before = undefined;
    this.#sketch = sketch;
  }

  /** Shows a sketch that makes way for the visitor's first stroke. */
  showExample(sketch: Sketch): void {
    this.#example = sketch;
    this.show(sketch);
  }

  /** Changes the width of every stroke: the model sees the drawing as one pen's work. */
  setPenWidth(width: number): void {
    const wasExample = this.isExample;
    this.#sketch = { ...this.#sketch, penWidth: clampPenWidth(width) };
    if (wasExample) this.#example = this.#sketch;
  }

  #remember(sketch: Sketch): void {
    this.#past = [...this.#past, sketch].slice(-HISTORY_LIMIT);
    this.#future = [];
  }

  #setStrokes(strokes: readonly Stroke[]): void {
    this.#sketch = { ...this.#sketch, strokes };
  }

  /** Adds a point, and fills the step before it with the curve that is known now. */
  #append(x: number, y: number): void {
    const trail = this.#trail;
    if (x === trail.at(-2) && y === trail.at(-1)) return;
    trail.push(x, y);
    if (trail.length >= 6) {
      const c = trail.slice(-4, -2);
      const b = trail.slice(-6, -4);
      const a = trail.length >= 8 ? trail.slice(-8, -6) : b;
      this.#growing.length -= 2;
      this.#growing.push(...between(a, b, c, [x, y]), ...c);
    }
    this.#growing.push(x, y);
    if (trail.length >= 8) this.#trail = trail.slice(-6);
  }

  #erase(at: readonly number[]): void {
    const [x = 0, y = 0] = at;
    const strokes = this.strokes;
    const left = eraseDisc(strokes, x, y, ERASER_RADIUS + this.penWidth / 2);
    if (left.length !== strokes.length || left.some((stroke, index) => stroke !== strokes[index])) {
      this.#setStrokes(left);
    }
  }

  #eraseAlong(points: readonly number[]): void {
    for (let at = 0; at + 1 < points.length; at += 2) {
      const [fromX = 0, fromY = 0] = this.#trail;
      const toX = snap(points[at] ?? 0);
      const toY = snap(points[at + 1] ?? 0);
      const pieces = Math.max(1, Math.ceil(Math.hypot(toX - fromX, toY - fromY) / (ERASER_RADIUS / 4)));
      for (let piece = 1; piece <= pieces; piece += 1) {
        const t = piece / pieces;
        this.#erase([fromX + t * (toX - fromX), fromY + t * (toY - fromY)]);
      }
      this.#trail = [toX, toY];
    }
  }
}

/** Strokes of the engine's making as a sketch on the grid. */
export function toSketch(data: StrokeData): Sketch {
  return { strokes: fromStrokeData(data), penWidth: clampPenWidth(data.penWidth) };
}

function clampPenWidth(width: number): number {
  return snap(Math.min(PEN_WIDTH.maximum, Math.max(PEN_WIDTH.minimum, width)));
}

export const drawing = new Drawing();
