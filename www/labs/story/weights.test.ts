import { describe, expect, it } from 'vitest';

import { logDensity, type HeldGaussian } from '../../components/gaussian';
import { drawsOf, weighed } from './weights';

const Q: HeldGaussian = { mean: [0.3, -0.2], sd: [0.5, 0.2], angle: 0.6 };

describe('importance weights', () => {
  it('are all equal where q is the posterior, whatever the draws', () => {
    const codes = drawsOf(Q, 50, 3);
    const logQ = logDensity(Q);
    const logJoint = Float64Array.from(
      { length: 50 },
      (_, at) => logQ(codes[2 * at] ?? 0, codes[2 * at + 1] ?? 0) - 73,
    );
    const { estimate, effective } = weighed(codes, logJoint, logQ);
    expect(estimate).toBeCloseTo(-73, 9);
    expect(effective).toBeCloseTo(50, 6);
  });

  it('of a q twice as wide give log p(x) within their error, from fewer effective draws', () => {
    const wide: HeldGaussian = { ...Q, sd: [1, 0.4] };
    const codes = drawsOf(wide, 4_000, 3);
    const logP = logDensity(Q);
    const logJoint = Float64Array.from(
      { length: 4_000 },
      (_, at) => logP(codes[2 * at] ?? 0, codes[2 * at + 1] ?? 0) - 73,
    );
    const { estimate, effective } = weighed(codes, logJoint, logDensity(wide));
    expect(Math.abs(estimate + 73)).toBeLessThan(0.1);
    // Per axis E[w]²/E[w²] is √7/4: together 7/16.
    expect(effective / 4_000).toBeCloseTo(7 / 16, 1);
  });
});
