/** Pictures to judge that are not the drawing: made of it, of nothing, or of other strokes. */

import { PIXELS, SIDE, type StrokeData } from '../../engine/protocol';
import { Random } from '../../state/random';
import { toStrokeData, type Stroke } from '../../state/strokes';

export const PICTURES = ['drawing', 'noise', 'blank', 'inverted', 'shifted', 'pirate', 'letter'] as const;
export type PictureName = (typeof PICTURES)[number];

export const NAMES: Readonly<Record<PictureName, string>> = {
  drawing: 'your drawing',
  noise: 'noise',
  blank: 'blank paper',
  inverted: 'your drawing, inverted',
  shifted: 'your drawing, shifted',
  pirate: 'a Jolly Roger',
  letter: 'a letter',
};

/** Whether it is made of the drawing, and cannot be without one. */
export const ofDrawing = (name: PictureName): boolean => ['drawing', 'inverted', 'shifted'].includes(name);

/** Pixels to the right and down: digits are centred, and three pixels are enough to be none. */
const SHIFT = [4, 3] as const;

/** Coin tosses, one for each pixel. */
export function noise(seed: number, isGrey: boolean): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length: PIXELS }, () => {
    const value = random.uniform();
    return isGrey ? value : Number(value < 0.5);
  });
}

export const blank = (): Float32Array => new Float32Array(PIXELS);

export const inverted = (pixels: Float32Array): Float32Array => pixels.map((pixel) => 1 - pixel);

/** Moved over the paper; what leaves it is lost. */
export function shifted(pixels: Float32Array): Float32Array {
  const [right, down] = SHIFT;
  return Float32Array.from({ length: PIXELS }, (_, at) => {
    const [column, row] = [(at % SIDE) - right, Math.floor(at / SIDE) - down];
    return column < 0 || row < 0 ? 0 : (pixels[row * SIDE + column] ?? 0);
  });
}

/** Points on an ellipse, from one angle to another, in turns. */
function arc(
  [x, y]: readonly [number, number],
  [width, height]: readonly [number, number],
  [from, to]: readonly [number, number],
): Stroke {
  const pieces = 24;
  return Array.from({ length: pieces + 1 }, (_, at) => {
    const angle = 2 * Math.PI * (from + ((to - from) * at) / pieces);
    return [x + width * Math.cos(angle), y + height * Math.sin(angle)];
  }).flat();
}

/** A skull over crossed bones, by a thin pen. */
export function jollyRoger(): StrokeData {
  const middle = 0.5;
  return toStrokeData(
    [
      // The skull, open at the jaw.
      arc([middle, 0.34], [0.25, 0.24], [0.36, 1.14]),
      [0.37, 0.5, 0.37, 0.64, 0.63, 0.64, 0.63, 0.5],
      [0.5, 0.56, 0.5, 0.64],
      // Its eyes and nose.
      arc([0.41, 0.36], [0.035, 0.035], [0, 1]),
      arc([0.59, 0.36], [0.035, 0.035], [0, 1]),
      [0.5, 0.44, 0.5, 0.47],
      // The bones.
      [0.14, 0.68, 0.86, 0.94],
      [0.86, 0.68, 0.14, 0.94],
    ],
    0.05,
  );
}

/** The letter A. */
export function letter(): StrokeData {
  return toStrokeData(
    [
      [0.24, 0.86, 0.5, 0.12, 0.76, 0.86],
      [0.34, 0.6, 0.66, 0.6],
    ],
    0.075,
  );
}
