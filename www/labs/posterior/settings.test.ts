import { describe, expect, it } from 'vitest';

import { fromHash, toHash } from '../../state/url';
import { maskOf, readSettings, writtenQ } from './settings';

describe('settings of the posterior', () => {
  it('come back through a link', () => {
    const given = {
      part: 'ladder',
      seen: 'upper',
      view: 'plane',
      kernel: 'pcn',
      integrand: 'forward',
      start: 'prior',
      chains: 8,
    };
    const q = { mean: [0.5, -1.25], sd: [0.3, 0.012], angle: -0.75 } as const;
    const settings = { posterior: { ...given, size: 0.05, pair: 3, dice: 2, q: writtenQ(q) } };
    const read = readSettings(fromHash(toHash({ settings })).settings?.posterior);
    expect(read).toEqual({ ...given, size: 0.05, pair: 3, dice: 2, q });
  });

  it('are usual where a link makes no sense', () => {
    const read = readSettings({ part: 'x', kernel: 7, size: -1, chains: 99, dice: -4 });
    expect(read).toMatchObject({ part: 'walkers', kernel: 'hmc', size: 0.0002, chains: 8, dice: 0 });
    expect(readSettings(undefined).size).toBeUndefined();
    for (const q of ['x', 3, [1, 2, 3], [0, 0, 0, 1, 0], [0, 0, 1, 1, 1e9]]) {
      expect(readSettings({ q }).q).toBeUndefined();
    }
  });

  it('let half of a drawing through', () => {
    const upper = maskOf('upper', 784) ?? new Float32Array();
    const lower = maskOf('lower', 784) ?? new Float32Array();
    expect([upper[0], upper[391], upper[392]]).toEqual([1, 1, 0]);
    expect(lower.every((seen, pixel) => seen === 1 - (upper[pixel] ?? 0))).toBe(true);
    expect(maskOf('whole', 784)).toBeUndefined();
  });
});
