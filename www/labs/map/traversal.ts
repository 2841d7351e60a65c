/** Which latents are traversed, and the codes along them. */

/** Indices by falling weight; equal weights in their own order. */
export function orderBy(weights: ArrayLike<number>): number[] {
  return Array.from(weights, (_, index) => index).sort(
    (a, b) => (weights[b] ?? 0) - (weights[a] ?? 0) || a - b,
  );
}

/** Equal steps from -extent to extent. */
export function valuesOf(extent: number, count: number): number[] {
  return Array.from({ length: count }, (_, at) => (extent * (2 * at - (count - 1))) / (count - 1));
}

/** One row of codes for each latent chosen: the base with that latent at each of the values. */
export function traversalCodes(
  base: Float32Array,
  latents: readonly number[],
  values: readonly number[],
): Float32Array {
  const size = base.length;
  const codes = new Float32Array(latents.length * values.length * size);
  latents.forEach((latent, row) => {
    values.forEach((value, column) => {
      const at = (row * values.length + column) * size;
      codes.set(base, at);
      codes[at + latent] = value;
    });
  });
  return codes;
}
