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

  it('grows a stroke of thousands of points at the same cost for each', () => {
    drawing.begin(0.5, 0.5);
    const first = drawing.strokes[0];
    const start = performance.now();
    for (let at = 0; at < 50_000; at += 1) {
      drawing.extend([0.5 + 0.4 * Math.cos(at / 50), 0.5 + 0.4 * Math.sin(at / 49)]);
    }
    // Copied at every event they take minutes.
    expect(performance.now() - start).toBeLessThan(2_000);
    expect(drawing.strokes[0]).toBe(first);
    expect(drawing.strokes[0]?.length).toBeGreaterThan(90_000);
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

describe('a gesture that is taken back', () => {
  it('leaves nothing behind, in the drawing or in the history', () => {
    line(0.1, 0.1, 0.2, 0.1);
    const before = drawing.sketch;
    drawing.begin(0.8, 0.8);
    drawing.extend([0.9, 0.9]);
    drawing.cancel();
    expect(drawing.sketch).toBe(before);
    expect(drawing.isDrawing).toBe(false);
    drawing.end();
    drawing.undo();
    expect(drawing.isEmpty).toBe(true);
    expect(drawing.canUndo).toBe(false);
  });
});

describe('an example', () => {
  const example = { strokes: [[0.5, 0.5]], penWidth: 0.0625 };

  it('makes way for the first stroke, and one undo brings it back', () => {
    drawing.showExample(example);
    expect(drawing.isExample).toBe(true);
    line(0.1, 0.1, 0.2, 0.1);
    expect(drawing.strokes).toHaveLength(1);
    expect(drawing.strokes[0]?.[0]).toBeCloseTo(0.1, 3);
    drawing.undo();
    expect(drawing.sketch).toBe(example);
    line(0.1, 0.1, 0.2, 0.1);
    expect(drawing.strokes).toHaveLength(1);
  });

  it('stays one with another width of the pen, and is none once it was erased in part', () => {
    drawing.showExample({
      strokes: [
        [0.5, 0.5],
        [0.1, 0.1],
      ],
      penWidth: 0.0625,
    });
    drawing.setPenWidth(0.1);
    expect(drawing.isExample).toBe(true);
    drawing.begin(0.5, 0.5, 'eraser');
    drawing.end();
    expect(drawing.isExample).toBe(false);
    line(0.3, 0.3, 0.4, 0.3);
    expect(drawing.strokes).toHaveLength(2);
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
