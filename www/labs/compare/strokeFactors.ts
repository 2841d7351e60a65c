/** The seven factors of a stroke digit, as sliders have them. The intervals are those of the package. */

import type { StrokeFactors } from '../../engine/protocol';

export type Factor = Exclude<keyof StrokeFactors, 'class' | 'variant' | 'jitter'>;

export const RANGES: Readonly<Record<Factor, readonly [number, number]>> = {
  slant: [-0.6, 0.9],
  rotation: [-0.4, 0.4],
  thickness: [1.4, 4.5],
  aspect: [0.6, 2.2],
  curvature: [-1, 1],
  loopSize: [0.5, 1.5],
};

/** A digit as most are. */
export const PLAIN: Readonly<Record<Factor, number>> = {
  slant: 0.12,
  rotation: 0,
  thickness: 2.5,
  aspect: 1.15,
  curvature: 0,
  loopSize: 1,
};

/** What no slider moves: the first way of writing the class, by a hand that does not tremble. */
export const STEADY = { variant: 0, jitter: 0 } as const;

export const FACTORS: readonly { factor: Factor; name: string; text: string }[] = [
  {
    factor: 'slant',
    name: 'slant',
    text: 'Horizontal shear, the tangent of the angle to the upright; positive leans to the right.',
  },
  { factor: 'rotation', name: 'rotation', text: 'In radians, clockwise; after the slant.' },
  { factor: 'thickness', name: 'thickness', text: 'Width of the pen, in pixels of the 28 × 28.' },
  {
    factor: 'aspect',
    name: 'width',
    text: 'Width of the digit, as a multiple of its standard width (aspect).',
  },
  {
    factor: 'curvature',
    name: 'curvature',
    text: 'How much straight strokes are bent, −1 to 1.',
  },
  {
    factor: 'loopSize',
    name: 'loop size',
    text: 'Size of the digit’s loop or bowl, as a multiple of its standard size. A digit without one does not change.',
  },
];
