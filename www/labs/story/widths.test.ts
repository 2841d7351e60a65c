import { describe, expect, it } from 'vitest';

import { widened, widthOf } from './widths';

const q = { mean: [1, 2], sd: [0.4, 0.1], angle: 0.3 } as const;

describe('the width of a Gaussian', () => {
  it('is the geometric mean of both', () => {
    expect(widthOf(q)).toBeCloseTo(0.2, 12);
  });

  it('grows by the factor, and nothing else changes', () => {
    const wide = widened(q, 3);
    expect(widthOf(wide) / widthOf(q)).toBeCloseTo(3, 12);
    expect(wide.sd[0] / wide.sd[1]).toBeCloseTo(4, 12);
    expect([wide.mean, wide.angle]).toEqual([q.mean, q.angle]);
  });
});
