import { describe, expect, it } from 'vitest';

import { fromHash, toHash } from '../../state/url';
import { encodeOff, LAYERS, readSettings } from './settings';

describe('settings of the map', () => {
  it('show everything unless told otherwise', () => {
    const settings = readSettings(undefined);
    expect(settings.classes.every(Boolean)).toBe(true);
    expect(Object.values(settings.layers).every(Boolean)).toBe(true);
  });

  it('bring hidden classes and layers through a link, the zero too', () => {
    for (const hidden of [[0], [0, 1, 4], [9], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], []]) {
      const shown = Array.from({ length: 10 }, (_, digit) => !hidden.includes(digit));
      const value = encodeOff(shown);
      const hash = toHash({ settings: { map: value === undefined ? {} : { hidden: value } } });
      expect(readSettings(fromHash(hash).settings?.map).classes).toEqual(shown);
    }
    const { layers } = readSettings({ off: 10 });
    expect(LAYERS.filter((layer) => !layers[layer])).toEqual(['manifold', 'codes']);
  });
});
