import { describe, expect, it } from 'vitest';

import { meanDeviation, Variation } from './variation';

/** Numbers in [0, 1) that look random and are the same each time (Park & Miller 1988). */
function* dice(seed: number): Generator<number, never> {
  let state = seed;
  for (;;) {
    state = (state * 48_271) % 2_147_483_647;
    yield state / 2_147_483_647;
  }
}

/** A picture of four quarters with the masses 1/10, 2/10, 3/10, 4/10, in 4×4 cells. */
const QUARTERS = {
  resolution: 4,
  centre: [1, -1] as [number, number],
  halfWidth: 2,
  density: Float32Array.from({ length: 16 }, (_, cell) => {
    const quarter = 2 * Math.floor(cell / 8) + Math.floor((cell % 4) / 2);
    return (quarter + 1) / 40;
  }),
};

describe('total variation', () => {
  it('knows the mean deviation of a share exactly', () => {
    // One draw: |1 − p| with probability p, p otherwise. Two: by hand.
    expect(meanDeviation(0.3, 1)).toBeCloseTo(2 * 0.3 * 0.7, 12);
    expect(meanDeviation(0.5, 2)).toBeCloseTo(0.25, 12);
    expect(meanDeviation(0.01, 10_000)).toBeCloseTo(Math.sqrt((2 * 0.0099) / (Math.PI * 10_000)), 5);
    expect(meanDeviation(0, 5)).toBe(0);
    expect(meanDeviation(1, 5)).toBe(0);
  });

  it('is 1 for draws that lie elsewhere, and half of what differs', () => {
    const elsewhere = new Variation(QUARTERS);
    elsewhere.add(Float32Array.of(9, 9, -9, 0));
    expect(elsewhere.value).toBeCloseTo(1, 12);
    const one = new Variation(QUARTERS);
    // The middle of the lowest left cell holds 1/40 of the mass.
    one.add(Float32Array.of(-0.5, -2.5));
    expect(one.value).toBeCloseTo(39 / 40, 6);
    expect(new Variation(QUARTERS).value).toBeNaN();
  });

  it('of independent draws is what is expected of them', () => {
    const random = dice(5);
    let [found, expected] = [0, 0];
    for (let run = 0; run < 40; run += 1) {
      const variation = new Variation(QUARTERS);
      const draws: number[] = [];
      for (let draw = 0; draw < 200; draw += 1) {
        const u = random.next().value * 10;
        const quarter = u < 1 ? 0 : u < 3 ? 1 : u < 6 ? 2 : 3;
        draws.push(-1 + 2 * (quarter % 2) + 2 * random.next().value);
        draws.push(-3 + 2 * Math.floor(quarter / 2) + 2 * random.next().value);
      }
      variation.add(Float32Array.from(draws));
      found += variation.value / 40;
      ({ expected } = variation);
    }
    // The mean of 40 runs: its standard error is below 2 % of it.
    expect(found / expected).toBeGreaterThan(0.9);
    expect(found / expected).toBeLessThan(1.1);
  });
});
