/** How far the picture that draws make is from the exact posterior, and how far independent draws would be. */

import type { PlaneDensity } from '../../engine/protocol';

/** Blocks of cells along a side, at most: smaller ones would say how many draws there are and little else. */
const MOST_BLOCKS = 16;

/** ln n! for whole n ≥ 0: by Stirling's series from 20 on, which is right to 10⁻¹² there. */
function logFactorial(n: number): number {
  if (n < 20) {
    let product = 1;
    for (let factor = 2; factor <= n; factor += 1) product *= factor;
    return Math.log(product);
  }
  const series = 1 / (12 * n) - 1 / (360 * n ** 3) + 1 / (1260 * n ** 5);
  return (n + 0.5) * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI) + series;
}

/**
 * E|X/n − p| of n independent draws that each fall into a block with probability p, X of them (de Moivre 1730):
 * 2 (m + 1) C(n, m + 1) p^(m + 1) (1 − p)^(n − m) / n with m = ⌊n p⌋.
 */
export function meanDeviation(p: number, n: number): number {
  if (p <= 0 || p >= 1 || n < 1) return 0;
  const next = Math.floor(n * p) + 1;
  if (next > n) return 0;
  const choose = logFactorial(n) - logFactorial(next) - logFactorial(n - next);
  const log = choose + next * Math.log(p) + (n - next + 1) * Math.log1p(-p);
  return (2 * next * Math.exp(log)) / n;
}

/** Counts draws in blocks of the exact picture's cells; those beside the picture in one more. */
export class Variation {
  readonly #left: number;
  readonly #bottom: number;
  readonly #width: number;
  readonly #side: number;
  readonly #exact: Float64Array;
  readonly #counts: Float64Array;
  #draws = 0;

  constructor({ density, resolution, centre, halfWidth }: PlaneDensity) {
    const together = Math.ceil(resolution / MOST_BLOCKS);
    this.#side = Math.ceil(resolution / together);
    this.#width = ((2 * halfWidth) / resolution) * together;
    this.#left = centre[0] - halfWidth;
    this.#bottom = centre[1] - halfWidth;
    this.#exact = new Float64Array(this.#side ** 2 + 1);
    this.#counts = new Float64Array(this.#side ** 2 + 1);
    const total = density.reduce((sum, value) => sum + value, 0);
    density.forEach((value, cell) => {
      const column = Math.floor((cell % resolution) / together);
      const row = Math.floor(Math.floor(cell / resolution) / together);
      const block = row * this.#side + column;
      this.#exact[block] = (this.#exact[block] ?? 0) + value / total;
    });
  }

  get draws(): number {
    return this.#draws;
  }

  /** Counts draws, n×2. */
  add(latents: Float32Array): void {
    for (let at = 0; at + 1 < latents.length; at += 2) {
      const column = Math.floor(((latents[at] ?? 0) - this.#left) / this.#width);
      const row = Math.floor(((latents[at + 1] ?? 0) - this.#bottom) / this.#width);
      const inside = column >= 0 && row >= 0 && column < this.#side && row < this.#side;
      const block = inside ? row * this.#side + column : this.#side ** 2;
      this.#counts[block] = (this.#counts[block] ?? 0) + 1;
      this.#draws += 1;
    }
  }

  /** Half the sum of |share of the draws − exact mass| over the blocks: 0 for the same, 1 for nothing in common. */
  get value(): number {
    if (this.#draws === 0) return NaN;
    let sum = 0;
    this.#counts.forEach((count, block) => {
      sum += Math.abs(count / this.#draws - (this.#exact[block] ?? 0));
    });
    return sum / 2;
  }

  /** What as many independent draws of the exact posterior would have on average. */
  get expected(): number {
    if (this.#draws === 0) return NaN;
    let sum = 0;
    for (const mass of this.#exact) sum += meanDeviation(mass, this.#draws);
    return sum / 2;
  }
}
