/** Codes for a model that has no prior: drawn from a unit normal all the same, to see what becomes of them. */

import { PIXELS, type LabelledSamples } from '../../engine/protocol';
import { Random } from '../../state/random';

/** Draws of the unit normal times the temperature, n×K. */
export function unitNormalCodes(
  count: number,
  latents: number,
  temperature: number,
  seed: number,
): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length: count * latents }, () => temperature * random.normal());
}

/** What is decoded of them; pixels of probabilities are coins, other pixels stay at their means. */
export function samplesOf(
  latents: Float32Array,
  probabilities: Float32Array,
  binary: boolean,
  seed: number,
): LabelledSamples {
  // Another stream than that of the codes.
  const random = new Random(seed ^ 0x5bd1e995);
  const pixels = binary
    ? probabilities.map((probability) => (random.uniform() < probability ? 1 : 0))
    : probabilities.slice();
  return { latents, probabilities, pixels, labels: new Uint8Array(probabilities.length / PIXELS) };
}
