import { describe, expect, it } from 'vitest';

import type { GridPosterior } from '../engine/protocol';
import { ONE_SD_MASS, shapeOf, TWO_SD_MASS } from './contours';

/** A Gaussian with these means and standard deviations on a grid. */
function gaussian(
  mean: [number, number],
  sd: [number, number],
  resolution: number,
  extent: number,
): Float32Array {
  return Float32Array.from({ length: resolution ** 2 }, (_, index) => {
    const z1 = extent * ((2 * ((index % resolution) + 0.5)) / resolution - 1);
    const z2 = extent * ((2 * (Math.floor(index / resolution) + 0.5)) / resolution - 1);
    return Math.exp(-(((z1 - mean[0]) / sd[0]) ** 2 + ((z2 - mean[1]) / sd[1]) ** 2) / 2);
  });
}

function onSquare(
  density: Float32Array,
  resolution: number,
  centre: [number, number],
  halfWidth: number,
): GridPosterior {
  return { logLikelihood: 0, tolerance: 0, decoderEvaluations: 0, density, resolution, centre, halfWidth };
}

describe('shapeOf', () => {
  const density = gaussian([0.5, -1], [0.6, 0.3], 160, 4);
  const shape = shapeOf(onSquare(density, 160, [0, 0], 4));

  it('finds mean and standard deviations', () => {
    expect(shape.mean[0]).toBeCloseTo(0.5, 3);
    expect(shape.mean[1]).toBeCloseTo(-1, 3);
    expect(shape.sd[0]).toBeCloseTo(0.6, 2);
    expect(shape.sd[1]).toBeCloseTo(0.3, 2);
  });

  it("draws a Gaussian's regions as its 1 and 2 sd ellipses", () => {
    const masses = [ONE_SD_MASS, TWO_SD_MASS];
    expect(shape.regions.map((region) => region.mass)).toEqual(masses);
    shape.regions.forEach((region, index) => {
      const points = region.path
        .slice(1, -1)
        .split('L')
        .map((point) => point.split(',').map(Number));
      expect(points.length).toBeGreaterThan(20);
      for (const [z1 = 0, z2 = 0] of points) {
        expect(Math.hypot((z1 - 0.5) / 0.6, (z2 + 1) / 0.3)).toBeCloseTo(index + 1, 1);
      }
    });
  });

  it('says when the grid is too coarse for a shape', () => {
    const speck = gaussian([0, 0], [0.02, 0.02], 40, 4);
    const coarse = shapeOf(onSquare(speck, 40, [0, 0], 4));
    expect(coarse.resolved).toBe(false);
    expect(coarse.regions).toEqual([]);
  });

  it('places a zoomed grid where it belongs', () => {
    const zoomed = shapeOf(onSquare(gaussian([0, 0], [0.25, 0.25], 80, 1), 80, [2, -1], 1));
    expect(zoomed.mean[0]).toBeCloseTo(2, 3);
    expect(zoomed.mean[1]).toBeCloseTo(-1, 3);
  });
});
