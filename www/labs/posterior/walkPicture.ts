/** The walk on the map: draws as dots, the last steps as a trail, the orbit of the last move. */

import type { Geometry } from './Plane.svelte';
import { colourOf, markOf, OUTLINES } from './chains';
import type { WalkView } from './walk.svelte';

/** Steps that a trail goes back. */
const TRAIL = 24;
const DOT_PX = 1.6;
const MARK_PX = 6.5;

/** Two latents of a model that has more. */
export type Pair = readonly [number, number];

export function paintWalk(
  context: CanvasRenderingContext2D,
  { x, y }: Geometry,
  view: WalkView,
  pair: Pair,
  surface: string,
): void {
  const { chains, latents, places, steps, warmUp, orbit } = view;
  const place = (rows: Float32Array, row: number, chain: number): [number, number] => {
    const at = (row * chains + chain) * latents;
    return [x(rows[at + pair[0]] ?? NaN), y(rows[at + pair[1]] ?? NaN)];
  };
  const orbitSteps = orbit.length / (chains * latents);
  context.lineJoin = context.lineCap = 'round';
  for (let chain = 0; chain < chains; chain += 1) {
    const colour = colourOf(chain);
    context.fillStyle = colour;
    // Steps of the warm-up are no draws.
    for (let step = 1; step <= steps; step += 1) {
      const [left, top] = place(places, step, chain);
      context.globalAlpha = step <= warmUp ? 0.15 : 0.42;
      context.fillRect(left - DOT_PX / 2, top - DOT_PX / 2, DOT_PX, DOT_PX);
    }
    context.globalAlpha = 0.7;
    context.strokeStyle = colour;
    context.lineWidth = 1.25;
    context.beginPath();
    for (let step = Math.max(0, steps - TRAIL); step <= steps; step += 1)
      context.lineTo(...place(places, step, chain));
    context.stroke();
    if (steps > 0) paintProposal(context, chain, orbitSteps, (row) => place(orbit, row, chain), view, colour);
  }
  context.globalAlpha = 1;
  for (let chain = 0; chain < chains; chain += 1) {
    const [left, top] = place(places, steps, chain);
    context.save();
    context.translate(left, top);
    context.scale(MARK_PX, MARK_PX);
    const outline = new Path2D(OUTLINES[markOf(chain)]);
    context.strokeStyle = surface;
    context.lineWidth = 0.55;
    context.stroke(outline);
    context.fillStyle = colourOf(chain);
    context.fill(outline);
    context.restore();
  }
}

/** The orbit with its leapfrog points, or the way to the proposal; a hollow end where it was refused. */
function paintProposal(
  context: CanvasRenderingContext2D,
  chain: number,
  rows: number,
  at: (row: number) => [number, number],
  view: WalkView,
  colour: string,
): void {
  const moved = view.moved[chain];
  context.globalAlpha = 0.95;
  context.lineWidth = rows > 2 ? 1.75 : 1;
  context.setLineDash(moved ? [] : [4, 3]);
  context.beginPath();
  for (let row = 0; row < rows; row += 1) context.lineTo(...at(row));
  context.stroke();
  context.setLineDash([]);
  for (let row = 1; row < rows; row += 1) {
    const isEnd = row === rows - 1;
    context.beginPath();
    context.arc(...at(row), isEnd ? 4 : 2, 0, 2 * Math.PI);
    if (isEnd && !moved) {
      context.strokeStyle = colour;
      context.stroke();
    } else context.fill();
  }
}
