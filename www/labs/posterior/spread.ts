/** What draws of a gradient say together: means of groups of them, and how far these lie apart. */

export interface Spread {
  /** One estimate for each group of draws. */
  estimates: readonly number[];
  mean: number;
  /** Standard error of that mean. */
  standardError: number;
  /** Standard deviation of an estimate by one draw. */
  ofOne: number;
}

/** Of one latent of gradients n×K, in groups of so many draws. */
export function spreadOf(gradients: Float64Array, latents: number, latent: number, group: number): Spread {
  const values = Array.from(
    { length: gradients.length / latents },
    (_, at) => gradients[at * latents + latent] ?? 0,
  );
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1);
  const estimates = Array.from(
    { length: Math.floor(count / group) },
    (_, at) => values.slice(at * group, (at + 1) * group).reduce((sum, value) => sum + value, 0) / group,
  );
  const ofOne = Math.sqrt(variance);
  return { estimates, mean, standardError: ofOne / Math.sqrt(count), ofOne };
}
