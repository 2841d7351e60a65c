import { describe, expect, it } from 'vitest';

import { areaOf, topOf } from './regions';

describe('areaOf', () => {
  it('is that of the two-sd ellipse for a Gaussian', () => {
    const [resolution, halfWidth] = [200, 1];
    const sd = [0.2, 0.1] as const;
    const at = (cell: number): number => halfWidth * ((2 * cell + 1) / resolution - 1);
    const density = Float32Array.from({ length: resolution * resolution }, (_, cell) => {
      const [z1, z2] = [at(cell % resolution), at(Math.floor(cell / resolution))];
      return Math.exp(-((z1 / sd[0]) ** 2 + (z2 / sd[1]) ** 2) / 2);
    });
    const area = areaOf({ density, resolution, halfWidth, centre: [0, 0] });
    expect(Math.abs(area / (4 * Math.PI * sd[0] * sd[1]) - 1)).toBeLessThan(0.01);
  });

  it('finds the middle of the highest cell', () => {
    const density = Float32Array.from([0, 0, 0, 1, 0, 0, 0, 0, 0]);
    const [z1, z2] = topOf({ density, resolution: 3, halfWidth: 1.5, centre: [10, -5] });
    expect([z1, z2]).toEqual([9, -5]);
  });

  it('takes a part of a cell where one holds all', () => {
    const density = new Float32Array(4).fill(0);
    density[0] = 1;
    expect(areaOf({ density, resolution: 2, halfWidth: 1, centre: [0, 0] }, 0.5)).toBeCloseTo(0.5);
  });
});
