import { expect, it } from 'vitest';

import { spreadOut } from './rungs';

it('labels keep their places where there is room, and their distance where there is none', () => {
  expect(spreadOut([100, 20, 60], 20, 0, 120)).toEqual([100, 20, 60]);
  expect(spreadOut([50, 50, 50], 20, 0, 120)).toEqual([50, 70, 90]);
  expect(spreadOut([118, 119, 10], 20, 0, 120)).toEqual([100, 120, 10]);
});
