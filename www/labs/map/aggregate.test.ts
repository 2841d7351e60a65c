import { describe, expect, it } from 'vitest';

import { shapeOf } from '../../components/contours';
import { densityOf } from '../../components/density';
import { Random } from '../../state/random';
import type { Codes } from '../../state/safetensors';
import {
  correlationOf,
  deviationsOf,
  divergenceOf,
  effectiveSpread,
  gaussianDivergence,
  logDeterminant,
  momentsOf,
} from './aggregate';

function codesOf(rows: number[][]): Codes {
  return {
    mean: Float32Array.from(rows.flat()),
    label: new Uint8Array(rows.length),
    latents: rows[0]?.length ?? 0,
    count: rows.length,
  };
}

describe('correlation of two latents', () => {
  it('is 1 on a rising line and 0 on a square', () => {
    const line = [0, 1, 2].map((value) => [value, 3 * value]);
    expect(correlationOf(momentsOf(codesOf(line)))).toBeCloseTo(1, 12);
    const square = [0, 1].flatMap((first) => [0, 1].map((second) => [first, second]));
    expect(correlationOf(momentsOf(codesOf(square)))).toBeCloseTo(0, 12);
  });

  it('is no number where a latent does not vary', () => {
    expect(
      correlationOf(
        momentsOf(
          codesOf([
            [0, 1],
            [0, 2],
          ]),
        ),
      ),
    ).toBeNaN();
  });
});

describe('moments of codes', () => {
  const moments = momentsOf(
    codesOf([
      [1, 0],
      [3, 0],
      [1, 2],
      [3, 2],
    ]),
  );

  it('are those of the rows', () => {
    expect([...moments.mean]).toEqual([2, 1]);
    expect([...moments.covariance]).toEqual([1, 0, 0, 1]);
    expect(deviationsOf(moments)).toEqual([1, 1]);
  });

  it('give a divergence that the closed form has', () => {
    // Unit covariance: half the squared distance of the mean.
    expect(gaussianDivergence(moments)).toBeCloseTo(2.5, 10);
    const wide = { mean: new Float64Array(2), covariance: Float64Array.of(4, 1, 1, 2) };
    expect(logDeterminant(wide)).toBeCloseTo(Math.log(7), 10);
    expect(gaussianDivergence(wide)).toBeCloseTo((6 - 2 - Math.log(7)) / 2, 10);
    expect(effectiveSpread(wide)).toBeCloseTo(7 ** 0.25, 10);
  });

  it('say so when codes lie on a line', () => {
    const line = momentsOf(
      codesOf([
        [0, 0],
        [1, 1],
        [2, 2],
      ]),
    );
    expect(logDeterminant(line)).toBe(-Infinity);
    expect(effectiveSpread(line)).toBe(0);
  });
});

describe('density of codes', () => {
  const random = new Random(4);
  const places = Float32Array.from({ length: 40_000 }, () => random.normal());
  const density = densityOf(places, 5, 100, 0.2);

  it('integrates to one', () => {
    const cell = 10 / 100;
    expect(density.density.reduce((sum, value) => sum + value, 0) * cell * cell).toBeCloseTo(1, 3);
  });

  it("has the prior's own circles and hardly any divergence when the codes are drawn from it", () => {
    const shape = shapeOf({ ...density, centre: [0, 0], halfWidth: density.extent });
    expect(shape.sd[0]).toBeCloseTo(Math.hypot(1, 0.2), 1);
    expect(Math.abs(shape.mean[1])).toBeLessThan(0.05);
    expect(divergenceOf(density)).toBeLessThan(0.03);
    expect(divergenceOf(density)).toBeGreaterThan(-0.001);
  });

  it('diverges when the codes keep to one side', () => {
    const aside = densityOf(
      places.map((value, at) => (at % 2 === 0 ? value + 1 : value)),
      6,
      120,
      0.2,
    );
    // The mean moved by 1 sd costs half a nat.
    expect(divergenceOf(aside)).toBeCloseTo(0.5, 1);
  });

  it('leaves out strays and takes an empty set', () => {
    expect(densityOf(Float32Array.of(9, 9), 2, 20, 0.2).density.every((value) => value === 0)).toBe(true);
  });
});
