/** How wide a Gaussian is beside another, as one number. */

import type { HeldGaussian } from '../../components/gaussian';

/** The geometric mean of its two widths. */
export function widthOf({ sd }: HeldGaussian): number {
  return Math.sqrt(sd[0] * sd[1]);
}

/** The same shape, that many times as wide. */
export function widened(q: HeldGaussian, factor: number): HeldGaussian {
  return { ...q, sd: [q.sd[0] * factor, q.sd[1] * factor] };
}
