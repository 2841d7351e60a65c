/** A Gaussian of two latents, as a hand holds it and as formulas want it. */

/** Middle, standard deviations along its two axes, and the angle of the first axis, radians from z1 to z2. */
export interface HeldGaussian {
  readonly mean: readonly [number, number];
  readonly sd: readonly [number, number];
  readonly angle: number;
}

/** A symmetric 2×2 matrix: 11, 12, 22. */
export type Symmetric = readonly [number, number, number];

export function covarianceOf({ sd, angle }: HeldGaussian): Symmetric {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const [a, b] = [sd[0] ** 2, sd[1] ** 2];
  return [a * cos * cos + b * sin * sin, (a - b) * cos * sin, a * sin * sin + b * cos * cos];
}

/** The axes of a covariance, the longer one first. */
export function heldOf(mean: readonly [number, number], [xx, xy, yy]: Symmetric): HeldGaussian {
  const [middle, half] = [(xx + yy) / 2, Math.hypot((xx - yy) / 2, xy)];
  return {
    mean,
    sd: [Math.sqrt(middle + half), Math.sqrt(Math.max(middle - half, Number.MIN_VALUE))],
    angle: Math.atan2(2 * xy, xx - yy) / 2,
  };
}

export function determinant([xx, xy, yy]: Symmetric): number {
  return xx * yy - xy * xy;
}

export function inverse(matrix: Symmetric): Symmetric {
  const det = determinant(matrix);
  return [matrix[2] / det, -matrix[1] / det, matrix[0] / det];
}

/** log N(z; mean, covariance), nats. */
export function logDensity(q: HeldGaussian): (z1: number, z2: number) => number {
  const covariance = covarianceOf(q);
  const precision = inverse(covariance);
  const constant = -Math.log(2 * Math.PI) - Math.log(determinant(covariance)) / 2;
  return (z1, z2) => {
    const [x, y] = [z1 - q.mean[0], z2 - q.mean[1]];
    return constant - (precision[0] * x * x + 2 * precision[1] * x * y + precision[2] * y * y) / 2;
  };
}
