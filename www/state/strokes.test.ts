import { describe, expect, it } from 'vitest';

import { between, eraseDisc, fromStrokeData, GRID, snap, toStrokeData, type Stroke } from './strokes';

/** Shortest distance of any point of the strokes from (x, y). */
function clearance(strokes: readonly Stroke[], x: number, y: number): number {
  let least = Infinity;
  for (const stroke of strokes) {
    for (let at = 0; at + 1 < stroke.length; at += 2) {
      least = Math.min(least, Math.hypot((stroke[at] ?? 0) - x, (stroke[at + 1] ?? 0) - y));
    }
  }
  return least;
}

describe('eraseDisc', () => {
  const line: Stroke = [0.125, 0.5, 0.875, 0.5];

  it('splits a segment in two at the circle', () => {
    const pieces = eraseDisc([line], 0.5, 0.5, 0.125);
    expect(pieces).toEqual([
      [0.125, 0.5, 0.375, 0.5],
      [0.625, 0.5, 0.875, 0.5],
    ]);
  });

  it('shortens a stroke whose end lies inside', () => {
    expect(eraseDisc([line], 0.125, 0.5, 0.25)).toEqual([[0.375, 0.5, 0.875, 0.5]]);
  });

  it('removes a stroke that lies inside, a dot too', () => {
    expect(eraseDisc([line, [0.5, 0.5]], 0.5, 0.5, 0.5)).toEqual([]);
  });

  it('returns untouched strokes as the same objects', () => {
    const other: Stroke = [0.1, 0.9, 0.2, 0.9];
    const left = eraseDisc([line, other], 0.5, 0.5, 0.1);
    expect(left.at(-1)).toBe(other);
    expect(eraseDisc([line], 0.5, 0.8, 0.1)[0]).toBe(line);
  });

  it('leaves no point inside, for a winding stroke and many discs', () => {
    const winding: number[] = [];
    for (let step = 0; step <= 200; step += 1) {
      winding.push(snap(0.5 + 0.4 * Math.cos(step / 9)), snap(0.5 + 0.4 * Math.sin(step / 7)));
    }
    for (let disc = 0; disc < 40; disc += 1) {
      const x = ((disc * 37) % 100) / 100;
      const y = ((disc * 61) % 100) / 100;
      const left = eraseDisc([winding], x, y, 0.1);
      // Ends are rounded to the grid.
      expect(clearance(left, x, y)).toBeGreaterThan(0.1 - 1 / GRID);
    }
  });
});

describe('between', () => {
  it('adds nothing to a short step', () => {
    expect(between([0, 0], [0.5, 0.5], [0.505, 0.5], [0.51, 0.5])).toEqual([]);
  });

  it('fills a straight long step evenly', () => {
    const points = between([0.25, 0.5], [0.375, 0.5], [0.5, 0.5], [0.625, 0.5]);
    expect(points.length).toBeGreaterThan(0);
    for (let at = 0; at < points.length; at += 2) {
      expect(points[at + 1]).toBe(0.5);
      expect(points[at]).toBeGreaterThan(0.375);
      expect(points[at]).toBeLessThan(0.5);
    }
  });
});

describe('stroke data', () => {
  it('goes to the engine and back unchanged', () => {
    const strokes: Stroke[] = [
      [0.25, 0.5, 0.75, 0.125],
      [0.5, 0.5],
    ];
    const data = toStrokeData(strokes, 0.0625);
    expect(Array.from(data.strokeLengths)).toEqual([2, 1]);
    expect(data.penWidth).toBe(0.0625);
    expect(fromStrokeData(data)).toEqual(strokes);
  });
});
