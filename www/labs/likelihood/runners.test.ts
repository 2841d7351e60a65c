import { expect, it } from 'vitest';

import { largestJump, pieceOf, withPoint, type Point } from './runners';

const added = (points: readonly [number, number][]): readonly Point[] =>
  points.reduce<readonly Point[]>(
    (before, [evaluations, value]) => withPoint(before, { evaluations, value }),
    [],
  );

it('keeps the newest point and those that are worth it', () => {
  const points = added([
    [1000, -90],
    [1001, -90],
    [1002, -90.1],
    [1003, -90.1],
    [1100, -90.2],
  ]);
  expect(points.map(({ evaluations }) => evaluations)).toEqual([1000, 1100]);
});

it('keeps a jump on both sides', () => {
  const points = added([
    [1000, -200],
    [1001, -200],
    [1002, -120],
    [1003, -120],
  ]);
  expect(points.map(({ value }) => value)).toEqual([-200, -200, -120, -120]);
  expect(largestJump(points)).toBe(80);
  expect(largestJump([])).toBe(0);
});

it('pieces grow with what is done and stay short', () => {
  expect(pieceOf('naive', 0, 5, 1)).toBe(1);
  expect(pieceOf('naive', 1000, 5, 1)).toBe(50);
  expect(pieceOf('importance', 1e6, 5, 1)).toBe(100);
  expect(pieceOf('importance', 1e6, 5, 10)).toBe(10);
  expect(pieceOf('iwae', 1e6, 20, 1)).toBe(5);
  expect(pieceOf('iwae', 1e6, 20, 10)).toBe(1);
  expect(pieceOf('annealed', 1e6, 5, 1)).toBe(1);
});
