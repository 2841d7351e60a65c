/** How probable a model finds digits of its test set, and whether a drawing falls far short of them. */

import type { Binarization } from '../engine/protocol';

/** log p(x) of test digits, nats, as the command line has measured it. */
export interface TestLogLikelihood {
  median: number;
  /** 5th and 95th percentile. */
  low: number;
  high: number;
  /** Thresholded at 1/2, as drawings are, or grey. */
  pixels: 'thresholded' | 'grey';
  images: number;
}

/** The figures, where they are of the kind of pixels that the model is given. */
export function comparable(
  digits: TestLogLikelihood | undefined,
  binarization: Binarization,
): TestLogLikelihood | undefined {
  return digits?.pixels === (binarization === 'binary' ? 'thresholded' : 'grey') ? digits : undefined;
}

/** The encoder's guess is far off beyond this; for test digits it is a few nats. */
const LARGE_GAP = 15;

/**
 * Whether what the model redraws is not this drawing: it finds the drawing less probable than nearly all test digits,
 * or its guess of the code is far from the truth.
 */
export function isWide(
  { value, gap }: { value: number; gap: number },
  digits: TestLogLikelihood | undefined,
): boolean {
  return gap > LARGE_GAP || (digits !== undefined && value < digits.low);
}
