/** Ways to spoil an image, as the engine takes them, and how to measure what is lost. */

import { PIXELS, SIDE, type Degradation } from '../../engine/protocol';

export const DAMAGES = [
  'lower',
  'upper',
  'left',
  'right',
  'grid',
  'brush',
  'flips',
  'noise',
  'coarse2',
  'coarse4',
] as const;
export type Damage = (typeof DAMAGES)[number];

export const DAMAGE_NAMES: Record<Damage, string> = {
  lower: 'the lower half is hidden',
  upper: 'the upper half is hidden',
  left: 'the left half is hidden',
  right: 'the right half is hidden',
  grid: 'three of four pixels are hidden',
  brush: 'hidden by your brush',
  flips: 'pixels are turned over',
  noise: 'grey noise is added',
  coarse2: 'only means of 2 × 2 pixels are left',
  coarse4: 'only means of 4 × 4 pixels are left',
};

/** The usual amount of noise, and its limits. */
export function strengthOf(damage: Damage): { usual: number; limits: readonly [number, number] } {
  if (damage === 'noise') return { usual: 0.5, limits: [0.05, 2] };
  return { usual: 0.1, limits: [0.01, 0.4] };
}

/** 1 where a pixel can be seen; 1 everywhere for damage that hides nothing. */
export function maskOf(damage: Damage, brushed: ArrayLike<number>): Uint8Array {
  return Uint8Array.from({ length: PIXELS }, (_, pixel) => {
    const [row, column] = [Math.floor(pixel / SIDE), pixel % SIDE];
    switch (damage) {
      case 'lower':
        return Number(row < SIDE / 2);
      case 'upper':
        return Number(row >= SIDE / 2);
      case 'left':
        return Number(column >= SIDE / 2);
      case 'right':
        return Number(column < SIDE / 2);
      case 'grid':
        return Number(row % 2 === 0 && column % 2 === 0);
      case 'brush':
        return Number(!brushed[pixel]);
      case 'flips':
      case 'noise':
      case 'coarse2':
      case 'coarse4':
        return 1;
    }
  });
}

export function degradationOf(damage: Damage, strength: number, brushed: ArrayLike<number>): Degradation {
  if (damage === 'coarse2') return { average: 2 };
  if (damage === 'coarse4') return { average: 4 };
  const mask = Array.from(maskOf(damage, brushed));
  if (damage === 'flips') return { mask, flips: strength };
  if (damage === 'noise') return { mask, gaussian: strength };
  return { mask } as Degradation;
}

/** What was seen as an image of 784 pixels in [0, 1]: hidden pixels are paper, a block has its mean everywhere. */
export function asImage(observed: Float32Array, degradation: Degradation): Float32Array {
  if (!('average' in degradation)) return observed.map((value) => Math.min(1, Math.max(0, value)));
  const block = degradation.average;
  const across = SIDE / block;
  return Float32Array.from({ length: PIXELS }, (_, pixel) => {
    const [row, column] = [Math.floor(pixel / SIDE), pixel % SIDE];
    return observed[Math.floor(row / block) * across + Math.floor(column / block)] ?? 0;
  });
}

/** The mean over all pixels of the squared difference. */
export function squaredError(image: Float32Array, original: Float32Array): number {
  return original.reduce((sum, value, pixel) => sum + (value - (image[pixel] ?? 0)) ** 2, 0) / PIXELS;
}
