import { expect, it } from 'vitest';

import { nats, signed } from './format';

it.each([
  [-104.26, '−104.3'],
  [0.04, '0.0'],
  [-0.04, '0.0'],
  [999_999.4, '999999.4'],
  [-7.940271205980359e32, '−7.9·10³²'],
  [1.5e6, '1.5·10⁶'],
  [NaN, '–'],
  [-Infinity, '–'],
])('%s nats are shown as %s', (value, text) => {
  expect(nats(value)).toBe(text);
});

it('keeps the digits that are asked for', () => {
  expect(signed(-1.005, 2)).toBe('−1.00');
  expect(signed(3, 0)).toBe('3');
});
