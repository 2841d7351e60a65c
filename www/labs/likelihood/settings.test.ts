import { expect, it } from 'vitest';

import { RUNNERS } from './runners';
import { encodeOff, readSettings } from './settings';

it('has defaults and reads what the address says', () => {
  expect(readSettings(undefined)).toMatchObject({ seed: 1, k: 5, speed: 'normal', picture: 'drawing' });
  const read = readSettings({ seed: 12, k: 20, speed: 'fast', off: 40, view: 'near', picture: 'noise' });
  expect(read).toMatchObject({ seed: 12, k: 20, speed: 'fast', view: 'near', picture: 'noise' });
  expect(RUNNERS.filter((name) => !read.runs[name])).toEqual(['naive', 'reverse-annealed']);
});

it('writes who stays at home as it is read', () => {
  const { runs } = readSettings({ off: 310 });
  expect(encodeOff(runs)).toBe(310);
  expect(encodeOff(readSettings(undefined).runs)).toBeUndefined();
});
