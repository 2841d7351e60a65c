import { describe, expect, it } from 'vitest';

import type { Sketch } from './drawing.svelte';
import { Random } from './random';
import { GRID, type Stroke } from './strokes';
import { decodeSketch, encodeSketch, fromHash, toHash, type PageState } from './url';

function randomSketch(seed: number): Sketch {
  const random = new Random(seed);
  const strokes: Stroke[] = [];
  for (let count = 1 + Math.floor(6 * random.uniform()); count > 0; count -= 1) {
    const points = 1 + Math.floor(80 * random.uniform());
    strokes.push(Array.from({ length: 2 * points }, () => Math.round(GRID * random.uniform()) / GRID));
  }
  return { strokes, penWidth: Math.round((0.03 + 0.1 * random.uniform()) * GRID) / GRID };
}

describe('sketch in the address', () => {
  it('comes back exactly', () => {
    for (let seed = 0; seed < 100; seed += 1) {
      const sketch = randomSketch(seed);
      expect(decodeSketch(encodeSketch(sketch))).toEqual(sketch);
    }
  });

  it('reaches the corners of the field', () => {
    const sketch = { strokes: [[0, 0, 1, 1, 0, 1, 1, 0]], penWidth: 0.0625 };
    expect(decodeSketch(encodeSketch(sketch))).toEqual(sketch);
  });

  it('is compact: about two bytes a point for a line drawn by hand', () => {
    const stroke = Array.from({ length: 200 }, (_, at) => (1024 + 16 * at) / GRID / 2);
    expect(encodeSketch({ strokes: [stroke], penWidth: 0.0625 }).length).toBeLessThan(3 * 100);
  });

  it('is refused when cut, stretched or made up', () => {
    const text = encodeSketch(randomSketch(3));
    expect(decodeSketch(text.slice(0, -2))).toBeUndefined();
    expect(decodeSketch('')).toBeUndefined();
    expect(decodeSketch('not base64 at all!')).toBeUndefined();
    expect(decodeSketch('_'.repeat(40))).toBeUndefined();
    expect(decodeSketch(encodeSketch({ strokes: [[0.5, 2]], penWidth: 0.0625 }))).toBeUndefined();
    expect(decodeSketch(encodeSketch({ strokes: [[0.5, 0.5]], penWidth: 0.9 }))).toBeUndefined();
  });

  it('never throws on noise', () => {
    const random = new Random(5);
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    for (let round = 0; round < 500; round += 1) {
      const text = Array.from({ length: Math.floor(40 * random.uniform()) }, () =>
        letters.charAt(Math.floor(64 * random.uniform())),
      ).join('');
      const sketch = decodeSketch(text);
      for (const value of sketch?.strokes.flat() ?? []) {
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1);
      }
    }
  });
});

describe('page state in the address', () => {
  const full: PageState = {
    lab: 'train',
    model: 'mnist-32d',
    seed: 4_000_000_000,
    binarization: 'grey',
    training: {
      learningRate: 0.0003,
      batchSize: 64,
      binarization: 'dynamic',
      hidden: [400, 200],
      activation: 'relu',
      none: [],
    },
    settings: {
      sample: { temperature: 0.7, seed: 12 },
      interpolate: { from: 'digit-3-0', path: 'geodesic' },
    },
    sketch: randomSketch(1),
  };

  it('comes back whole', () => {
    expect(fromHash(toHash(full))).toEqual(full);
  });

  it('leaves out what is not set', () => {
    expect(toHash({ lab: 'draw', binarization: 'binary', sketch: { strokes: [], penWidth: 0.0625 } })).toBe(
      '#lab=draw',
    );
    expect(fromHash('')).toEqual({});
  });

  it('drops broken parts and keeps the others', () => {
    expect(fromHash('#lab=map&seed=minus&d=%%%&x=purple&train=:,a:,7:8')).toEqual({
      lab: 'map',
      training: {},
      sketchBroken: true,
    });
    expect(fromHash('#seed=-4')).toEqual({});
    expect(fromHash('#sample=nothing&__proto__=a:1&Map=a:1&map=columns:9')).toEqual({
      settings: { map: { columns: 9 } },
    });
    expect(fromHash('#lab=map&d=' + 'A'.repeat(100_000))).toEqual({});
  });
});
