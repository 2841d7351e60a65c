import { describe, expect, it } from 'vitest';

import { momentAt } from './slowMotion.svelte';

describe('slow motion', () => {
  it('goes through the stages in order, sample after sample', () => {
    const seen: string[] = [];
    for (let time = 0; time < 8_000; time += 50) {
      const { sample, stage, fraction } = momentAt(time);
      expect(fraction).toBeGreaterThanOrEqual(0);
      expect(fraction).toBeLessThanOrEqual(1);
      const name = `${String(sample)} ${stage}`;
      if (seen.at(-1) !== name) seen.push(name);
    }
    expect(seen.slice(0, 8)).toEqual([
      '0 latent',
      '0 probabilities',
      '0 pixels',
      '0 done',
      '1 latent',
      '1 probabilities',
      '1 pixels',
      '1 done',
    ]);
  });
});
