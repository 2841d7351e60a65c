import { describe, expect, it } from 'vitest';

import type { Sketch } from './drawing.svelte';
import { Random } from './random';
import { GRID, snap, type Stroke } from './strokes';
import { decodeSketch, encodeSketch, fromHash, LARGEST_TOLERANCE, toHash, type PageState } from './url';

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
    expect(toHash({ lab: 'draw', sketch: { strokes: [], penWidth: 0.0625 } })).toBe('#lab=draw');
    expect(fromHash('')).toEqual({});
  });

  it('keeps the pixels chosen: grey models start with grey ones, others with black or white', () => {
    for (const binarization of ['binary', 'grey'] as const) {
      expect(toHash({ binarization })).toBe(`#x=${binarization}`);
      expect(fromHash(`#x=${binarization}`)).toEqual({ binarization });
    }
  });

  it('tells what cannot be read and keeps the rest', () => {
    expect(fromHash('#lab=map&seed=minus&d=%%%&x=purple&train=:,a:,7:8')).toEqual({
      lab: 'map',
      training: {},
      problems: [
        'its seed “minus” is no whole number',
        'its drawing cannot be read',
        'there are no pixels of the kind “purple”',
        '“:” is no setting',
        '“a:” is no setting',
        '“7:8” is no setting',
      ],
    });
    expect(fromHash('#seed=-4').problems).toHaveLength(1);
    expect(fromHash('#sample=nothing&__proto__=a:1&Map=a:1&map=columns:9')).toEqual({
      settings: { map: { columns: 9 } },
      problems: [
        '“nothing” is no setting',
        '“__proto__” is nothing that this page knows',
        '“Map” is nothing that this page knows',
      ],
    });
    expect(fromHash('#lab=map&d=' + 'A'.repeat(2_000_000))).toEqual({
      problems: ['it is too long to be read'],
    });
  });

  it('is read however often it was encoded on its way', () => {
    for (const training of ['latents:8', 'latents%3A8', 'latents%253A8', 'latents%25253A8']) {
      expect(fromHash(`#lab=train&train=${training}`)).toEqual({ lab: 'train', training: { latents: 8 } });
    }
    const hash = toHash(full);
    expect(fromHash(encodeURIComponent(hash.slice(1)))).toEqual(full);
    expect(fromHash(hash.replaceAll('&', '&amp;'))).toEqual(full);
    expect(fromHash(hash.replaceAll('%3A', '%253A').replaceAll('%2C', '%252C'))).toEqual(full);
  });

  it('loses nothing to a bracket behind it, and says so', () => {
    for (const stray of [')', '>', '%3E', '."', '),']) {
      const { problems, ...state } = fromHash(`#train=beta:4,hidden:~32${stray}`);
      expect(state, stray).toEqual({ training: { beta: 4, hidden: [32] } });
      expect(problems, stray).toHaveLength(1);
      expect(problems?.[0]).toContain(decodeURIComponent(stray));
    }
    expect(fromHash(toHash(full) + ')')).toMatchObject(full);
  });

  it('leaves lists that hold no numbers to whoever can refuse them', () => {
    expect(fromHash('#train=hidden:~32x~16,units:~4~').training).toEqual({ hidden: '~32x~16', units: '~4~' });
  });

  it('carries a drawing of 30,000 points, no point farther off than it says', () => {
    const stroke: number[] = [];
    const random = new Random(4);
    for (let at = 0; at < 30_000; at += 1) {
      const radius = 0.1 + 0.3 * Math.abs(Math.sin(at / 700));
      stroke.push(
        snap(0.5 + radius * Math.cos(at / 48) + 0.002 * random.normal()),
        snap(0.5 + radius * Math.sin(at / 47) + 0.002 * random.normal()),
      );
    }
    expect(encodeSketch({ strokes: [stroke], penWidth: 0.0625 }).length).toBeGreaterThan(64_000);
    const hash = toHash({ lab: 'draw', sketch: { strokes: [stroke], penWidth: 0.0625 } });
    expect(hash.length).toBeLessThan(64_000);
    const [line = []] = fromHash(hash).sketch?.strokes ?? [];
    let farthest = 0;
    let at = 2;
    for (let point = 0; point < stroke.length; point += 2) {
      const distance = (to: number): number =>
        distanceToLine(stroke.slice(point, point + 2), line.slice(to - 2, to + 2));
      // The simpler line visits the same places in the same order.
      while (at + 2 < line.length && line[at] !== undefined && distance(at) > LARGEST_TOLERANCE) at += 2;
      farthest = Math.max(farthest, distance(at));
    }
    expect(farthest).toBeLessThanOrEqual(LARGEST_TOLERANCE);
  });

  it('carries what cannot be made simpler as it is', () => {
    const random = new Random(9);
    const stroke = Array.from({ length: 40_000 }, () => snap(random.uniform()));
    const sketch = { strokes: [stroke], penWidth: 0.0625 };
    const read = fromHash(toHash({ lab: 'draw', sketch }));
    expect(read.problems).toBeUndefined();
    expect(read.sketch?.strokes[0]?.length).toBeGreaterThan(39_000);
  });
});

function distanceToLine(
  [x = 0, y = 0]: readonly number[],
  [ax = 0, ay = 0, bx = 0, by = 0]: readonly number[],
): number {
  const squared = (bx - ax) ** 2 + (by - ay) ** 2;
  const along = squared === 0 ? 0 : ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / squared;
  const within = Math.min(1, Math.max(0, along));
  return Math.hypot(x - ax - within * (bx - ax), y - ay - within * (by - ay));
}
