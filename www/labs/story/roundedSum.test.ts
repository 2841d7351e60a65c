import { describe, expect, it } from 'vitest';

import { roundedSum } from './roundedSum';

describe('a sum that is shown', () => {
  it('adds up as it is shown, no number off by more than its last place', () => {
    // Each rounded by itself: -115.42 + 0.32 is -115.10.
    const parts = [-115.4151, 0.3204];
    const total = -115.0947;
    expect(parts.map((part) => Math.round(part * 100) / 100)).toEqual([-115.42, 0.32]);
    expect(roundedSum(total, parts, 2)).toEqual([-115.09, -115.41, 0.32]);
    for (let seed = 1; seed < 400; seed += 1) {
      const three = [1, 2, 3].map((at) => 50 * Math.sin(seed * at * 12.9898));
      const all = three.reduce((sum, part) => sum + part, 0);
      const [shown = NaN, ...shownParts] = roundedSum(all, three, 2);
      expect(shownParts.reduce((sum, part) => sum + Math.round(100 * part), 0)).toBe(Math.round(100 * shown));
      for (const [at, part] of shownParts.entries())
        expect(Math.abs(part - (three[at] ?? 0))).toBeLessThan(0.0101);
    }
  });

  it('is left as it is where it does not hold', () => {
    expect(roundedSum(1, [2.004, 3.004], 2)).toEqual([1, 2, 3]);
  });
});
