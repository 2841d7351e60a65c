import { expect, it } from 'vitest';

import { drawCodes } from './draws';

it('draws each cell as often as its share, and stays inside it', () => {
  // Four cells of a square from (0, −2) to (4, 2), with shares 0.1, 0.2, 0, 0.7.
  const picture = {
    density: Float32Array.of(1, 2, 0, 7),
    resolution: 2,
    centre: [2, 0] as [number, number],
    halfWidth: 2,
  };
  const count = 20_000;
  const codes = drawCodes(picture, count, 5);
  const counts = [0, 0, 0, 0];
  for (let draw = 0; draw < count; draw += 1) {
    const [x, y] = [codes[2 * draw] ?? NaN, codes[2 * draw + 1] ?? NaN];
    expect(x >= 0 && x < 4 && y >= -2 && y < 2).toBe(true);
    const cell = Number(x >= 2) + 2 * Number(y >= 0);
    counts[cell] = (counts[cell] ?? 0) + 1;
  }
  [0.1, 0.2, 0, 0.7].forEach((share, cell) => {
    // Five standard errors.
    const error = 5 * Math.sqrt((share * (1 - share)) / count);
    expect(Math.abs((counts[cell] ?? 0) / count - share)).toBeLessThanOrEqual(error);
  });
  expect(drawCodes(picture, 3, 5)).toEqual(codes.slice(0, 6));
});
