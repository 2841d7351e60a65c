/** What the mutual information of numbers that have nothing to do with each other comes out as. */

/** The histograms in which the crate measures it have so many bins. */
export const BINS = 20;

/** Nats, on average, from a sample of this size (Miller 1955). */
export function byChance(count: number): number {
  return (BINS - 1) ** 2 / (2 * count);
}
