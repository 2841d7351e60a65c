/** What pixels cost under probabilities. */

/** Probabilities are kept this far from 0 and 1: a certain one that is wrong would cost infinitely much. */
const LEAST = 1e-6;

/** −log p of pixels of 0 and 1 under probabilities of ink, nats. */
export function costOf(pixels: Float32Array, probabilities: Float32Array): number {
  return pixels.reduce((sum, ink, at) => {
    const p = Math.min(1 - LEAST, Math.max(LEAST, probabilities[at] ?? 0.5));
    return sum - Math.log(ink >= 0.5 ? p : 1 - p);
  }, 0);
}
