import { describe, expect, it } from 'vitest';

import { frameRound, lengthText, roundLength } from './plane';

describe('the part of the plane on show', () => {
  it('holds everything asked for, in a square', () => {
    const frame = frameRound([
      { centre: [0, 0], reach: [1, 2] },
      { centre: [4, 1], reach: [1, 0.5] },
    ]);
    expect(frame).toEqual({ centre: [2, 0], halfWidth: 3 });
  });

  it('has a scale of a round length', () => {
    expect([0.0099, 0.01, 0.049, 0.07, 1.9, 3].map(roundLength)).toEqual([0.005, 0.01, 0.02, 0.05, 1, 2]);
    expect([0.005, 0.01, 0.2, 1, 20].map(lengthText)).toEqual(['0.005', '0.01', '0.2', '1', '20']);
  });
});
