/** Paints a drawing's strokes on a canvas; of a stroke that grows only the new part is painted. */

import type { Stroke } from '../state/strokes';

/** Points of a piece. The time for one path grows with the square of its points, so a long stroke is painted in pieces. */
const PIECE_POINTS = 64;

export interface Ink {
  strokes: readonly Stroke[];
  /** In units of the field's side. */
  penWidth: number;
  colour: string;
  /** Side of the canvas, pixels. */
  side: number;
}

/** A stroke whose first points are painted and will not change. */
interface Painted {
  stroke: Stroke;
  points: number;
}

export class InkPainter {
  readonly #canvas: HTMLCanvasElement;
  /** Ink that will not change any more: copied under the end of the stroke that still grows. */
  readonly #settled = document.createElement('canvas');
  #painted: Painted[] = [];
  #last: Ink | undefined;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
  }

  paint(ink: Ink): void {
    const context = this.#canvas.getContext('2d');
    const settled = this.#settled.getContext('2d');
    if (!context || !settled) return;
    if (!this.#continues(ink)) {
      this.#painted = [];
      this.#settled.width = this.#settled.height = ink.side;
      this.#canvas.width = this.#canvas.height = ink.side;
      prepare(settled, ink);
      prepare(context, ink);
    }
    this.#last = ink;
    for (const [index, stroke] of ink.strokes.entries()) {
      const painted = (this.#painted[index] ??= { stroke, points: 0 });
      const grows = index === ink.strokes.length - 1;
      painted.points = settle(settled, painted, grows, ink.side);
    }
    context.clearRect(0, 0, ink.side, ink.side);
    context.drawImage(this.#settled, 0, 0);
    const end = this.#painted.at(-1);
    if (end) paintPiece(context, end.stroke, Math.max(0, end.points - 1), end.stroke.length / 2, ink.side);
  }

  /** Whether everything painted so far is part of this drawing as well. */
  #continues({ strokes, penWidth, colour, side }: Ink): boolean {
    const last = this.#last;
    return (
      last?.penWidth === penWidth &&
      last.colour === colour &&
      last.side === side &&
      this.#painted.every(({ stroke }, index) => stroke === strokes[index])
    );
  }
}

function prepare(context: CanvasRenderingContext2D, { penWidth, colour, side }: Ink): void {
  context.lineCap = 'round';
  context.lineJoin = 'round';
  context.lineWidth = penWidth * side;
  context.strokeStyle = context.fillStyle = colour;
}

/** Paints a stroke's whole pieces; of one that grows without its last point, which a curve may still replace. */
function settle(
  context: CanvasRenderingContext2D,
  { stroke, points }: Painted,
  grows: boolean,
  side: number,
): number {
  const total = stroke.length / 2;
  let from = points;
  for (;;) {
    const to = Math.min(total, from + PIECE_POINTS);
    if (to === from || (grows && to + 1 > total - 1)) return from;
    paintPiece(context, stroke, Math.max(0, from - 1), to, side);
    from = to;
  }
}

/** The line through the points `from` to `to` (without `to`); a dot where they are all one. */
function paintPiece(
  context: CanvasRenderingContext2D,
  stroke: Stroke,
  from: number,
  to: number,
  side: number,
): void {
  if (to <= from) return;
  const x = (stroke[2 * from] ?? 0) * side;
  const y = (stroke[2 * from + 1] ?? 0) * side;
  let moved = false;
  context.beginPath();
  context.moveTo(x, y);
  for (let at = from + 1; at < to; at += 1) {
    const nextX = (stroke[2 * at] ?? 0) * side;
    const nextY = (stroke[2 * at + 1] ?? 0) * side;
    moved ||= nextX !== x || nextY !== y;
    context.lineTo(nextX, nextY);
  }
  if (moved) {
    context.stroke();
    return;
  }
  // A line of no length has no caps either.
  context.beginPath();
  context.arc(x, y, context.lineWidth / 2, 0, 2 * Math.PI);
  context.fill();
}
