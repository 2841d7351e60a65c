import { beforeEach, describe, expect, it } from 'vitest';

import { Drawing, PEN_WIDTH, toSketch } from './drawing.svelte';
import { GRID } from './strokes';

let drawing: Drawing;

function line(x0: number, y0: number, x1: number, y1: number): void {
  drawing.begin(x0, y0);
  drawing.extend([x1, y1]);
  drawing.end();
}

beforeEach(() => {
  drawing = new Drawing();
});

describe('pen', () => {
  it('keeps every position as part of one stroke', () => {
    drawing.begin(0.25, 0.25);
    drawing.extend([0.26, 0.25, 0.27, 0.25]);
    drawing.extend([0.28, 0.25]);
    drawing.end();
    expect(drawing.strokes).toHaveLength(1);
    expect(drawing.strokes[0]).toHaveLength(8);
  });

  it('leaves no gap when the pen is faster than its events', () => {
    drawing.begin(0.1, 0.1);
    drawing.extend([0.4, 0.2, 0.6, 0.5, 0.5, 0.9, 0.1, 0.9]);
    drawing.end();
    const [stroke = []] = drawing.strokes;
    // All but the last step, whose curve no later event has shown.
    for (let at = 2; at + 3 < stroke.length; at += 2) {
      const step = Math.hypot(
        (stroke[at] ?? 0) - (stroke[at - 2] ?? 0),
        (stroke[at + 1] ?? 0) - (stroke[at - 1] ?? 0),
      );
      expect(step).toBeLessThan(1 / 30);
    }
  });

  it('makes a dot of a press without movement', () => {
    drawing.begin(0.5, 0.5);
    drawing.end();
    expect(drawing.strokes).toEqual([[0.5, 0.5]]);
  });

  it('keeps the pen inside the field and on the grid', () => {
    line(-1, 0.3, 2, 0.7);
    for (const value of drawing.strokes.flat()) {
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThanOrEqual(1);
      expect(Number.isInteger(value * GRID)).toBe(true);
    }
  });

  it('ignores movement between gestures', () => {
    drawing.extend([0.5, 0.5]);
    expect(drawing.isEmpty).toBe(true);
  });
});

describe('history', () => {
  it('undoes and redoes stroke by stroke', () => {
    line(0.1, 0.1, 0.2, 0.1);
    const first = drawing.sketch;
    line(0.1, 0.2, 0.2, 0.2);
    const second = drawing.sketch;
    drawing.undo();
    expect(drawing.sketch).toBe(first);
    drawing.undo();
    expect(drawing.isEmpty).toBe(true);
    expect(drawing.canUndo).toBe(false);
    drawing.undo();
    drawing.redo();
    drawing.redo();
    expect(drawing.sketch).toBe(second);
    expect(drawing.canRedo).toBe(false);
  });

  it('forgets what was undone when something new is drawn', () => {
    line(0.1, 0.1, 0.2, 0.1);
    drawing.undo();
    line(0.3, 0.3, 0.4, 0.3);
    expect(drawing.canRedo).toBe(false);
  });

  it('undoes a clear, and does not count the clearing of nothing', () => {
    drawing.clear();
    expect(drawing.canUndo).toBe(false);
    line(0.1, 0.1, 0.2, 0.1);
    drawing.clear();
    expect(drawing.isEmpty).toBe(true);
    drawing.undo();
    expect(drawing.strokes).toHaveLength(1);
  });

  it('closes a gesture under way before undoing', () => {
    drawing.begin(0.1, 0.1);
    drawing.extend([0.2, 0.1]);
    drawing.undo();
    expect(drawing.isEmpty).toBe(true);
    expect(drawing.isDrawing).toBe(false);
    drawing.redo();
    expect(drawing.strokes).toHaveLength(1);
  });

  it('takes frames of an animation without a trace', () => {
    drawing.show({ strokes: [[0.5, 0.5]], penWidth: 0.0625 });
    expect(drawing.canUndo).toBe(false);
    drawing.replace({ strokes: [], penWidth: 0.0625 });
    drawing.undo();
    expect(drawing.strokes).toEqual([[0.5, 0.5]]);
  });
});

describe('eraser', () => {
  beforeEach(() => {
    line(0.25, 0.5, 0.75, 0.5);
  });

  it('cuts a line in two with one pass, and one undo mends it', () => {
    const before = drawing.sketch;
    drawing.begin(0.5, 0.25, 'eraser');
    drawing.extend([0.5, 0.75]);
    drawing.end();
    expect(drawing.strokes).toHaveLength(2);
    drawing.undo();
    expect(drawing.sketch).toBe(before);
  });

  it('erases all the way between two far events', () => {
    drawing.begin(0.2, 0.5, 'eraser');
    drawing.extend([0.8, 0.5]);
    drawing.end();
    expect(drawing.isEmpty).toBe(true);
  });

  it('leaves no step in the history where it touches nothing', () => {
    drawing.undo();
    drawing.redo();
    drawing.begin(0.1, 0.1, 'eraser');
    drawing.extend([0.2, 0.1]);
    drawing.end();
    drawing.undo();
    expect(drawing.isEmpty).toBe(true);
  });
});

describe('pen width', () => {
  it('stays within its limits', () => {
    drawing.setPenWidth(9);
    expect(drawing.penWidth).toBeCloseTo(PEN_WIDTH.maximum, 3);
    drawing.setPenWidth(0);
    expect(drawing.penWidth).toBeCloseTo(PEN_WIDTH.minimum, 3);
  });

  it('comes with a sketch of the engine', () => {
    const sketch = toSketch({
      points: Float32Array.of(0.1, 0.2, 0.3, 0.4),
      strokeLengths: Uint32Array.of(2),
      penWidth: 0.07,
    });
    expect(sketch.penWidth).toBeCloseTo(0.07, 3);
    expect(sketch.strokes[0]?.[2]).toBeCloseTo(0.3, 3);
  });
});
