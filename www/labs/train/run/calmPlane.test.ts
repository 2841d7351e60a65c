import { describe, expect, it } from 'vitest';

import { applyTurn, calmExtent, nearestTurn, rowsByClass, type Turn } from './calmPlane';
import { Random } from '../../../state/random';

function cloud(seed: number): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length: 200 }, (_, at) => random.normal() * (at % 2 === 0 ? 3 : 1));
}

describe('the turn of a map', () => {
  const angle = 2.1;
  const turns: [string, Turn][] = [
    ['nothing', [1, 0, 0, 1]],
    ['a rotation', [Math.cos(angle), -Math.sin(angle), Math.sin(angle), Math.cos(angle)]],
    ['a mirroring', [Math.cos(angle), Math.sin(angle), Math.sin(angle), -Math.cos(angle)]],
    ['two signs', [-1, 0, 0, -1]],
  ];

  it.each(turns)('undoes %s', (_, turn) => {
    const before = cloud(1);
    const turned = applyTurn(before, turn);
    const back = applyTurn(turned, nearestTurn(turned, before));
    back.forEach((value, at) => {
      expect(value).toBeCloseTo(before[at] ?? 0, 4);
    });
  });

  it('never stretches', () => {
    const points = cloud(2);
    const turned = applyTurn(points, nearestTurn(points, cloud(3)));
    const size = (all: Float32Array): number => all.reduce((sum, value) => sum + value * value, 0);
    expect(size(turned) / size(points)).toBeCloseTo(1, 5);
  });

  it('leaves points without a past alone', () => {
    expect(nearestTurn(cloud(4), new Float32Array(0))).toEqual([1, 0, 0, 1]);
  });
});

describe('the extent of a map', () => {
  it('holds almost all points', () => {
    expect(calmExtent(cloud(5), 3)).toBeGreaterThanOrEqual(5);
    expect(calmExtent(new Float32Array(20), 3)).toBe(3);
  });

  it('does not flicker between two sizes', () => {
    const at = (size: number): Float32Array => new Float32Array(200).fill(size);
    expect(calmExtent(at(4.05), 4)).toBe(5);
    // A little smaller again: the map stays as it is.
    expect(calmExtent(at(3.95), 5)).toBe(5);
    expect(calmExtent(at(3.2), 5)).toBe(4);
  });
});

it('puts the ten classes of one latent in ten rows', () => {
  const points = rowsByClass(Float32Array.of(0.5, -1), Uint8Array.of(0, 9));
  expect([...points]).toEqual([0.5, -2.25, -1, 2.25]);
});
