/** The exact log p(x), summed once more on a grid of another kind, twice as fine. */

import { EXACT_NATS } from '../../state/exact';
import { signed } from '../../components/format';
import type { Bench, Check, Finding } from './check';
import { recorded } from './recorded';

/** What the page calls exact is off by less, nats. */
export const TOLERANCE = EXACT_NATS;
/** Of the recorded digits. */
const DIGITS = 4;
/** Codes decoded in one call. */
const CODES = 2048;

/** The middles of the cells of a square, rows of rising z2, as pairs. */
export function middles(
  [z1, z2]: readonly [number, number],
  halfWidth: number,
  resolution: number,
): Float32Array {
  const width = (2 * halfWidth) / resolution;
  const codes = new Float32Array(2 * resolution * resolution);
  for (let cell = 0; cell < resolution * resolution; cell += 1) {
    codes[2 * cell] = z1 - halfWidth + width * ((cell % resolution) + 0.5);
    codes[2 * cell + 1] = z2 - halfWidth + width * (Math.floor(cell / resolution) + 0.5);
  }
  return codes;
}

/** log of the sum of exponentials. */
export function logSumExp(values: readonly number[]): number {
  const largest = values.reduce((most, value) => Math.max(most, value), -Infinity);
  return largest + Math.log(values.reduce((sum, value) => sum + Math.exp(value - largest), 0));
}

export interface Compared {
  name: string;
  exact: number;
  finer: number;
  /** Cells along a side. */
  resolution: number;
}

export function judge(found: readonly Compared[]): Finding {
  return {
    passed: found.length > 0 && found.every(({ exact, finer }) => Math.abs(exact - finer) <= TOLERANCE),
    figures: found.map(({ name, exact, finer, resolution }) => ({
      name,
      value: `${signed(exact, 4)} nats exact, ${signed(finer, 4)} on ${String(resolution)} × ${String(resolution)} cells: ${signed(Math.abs(exact - finer), 4)} apart`,
    })),
  };
}

async function compare({ ask }: Bench, model: string, pixels: Float32Array, name: string): Promise<Compared> {
  const { logLikelihood, centre, halfWidth, resolution } = await ask('posterior', model, pixels);
  const codes = middles(centre, halfWidth, resolution);
  const values: number[] = [];
  for (let from = 0; from < codes.length; from += 2 * CODES) {
    values.push(...(await ask('logJoint', model, pixels, codes.slice(from, from + 2 * CODES))));
  }
  const cell = ((2 * halfWidth) / resolution) ** 2;
  return { name, exact: logLikelihood, finer: logSumExp(values) + Math.log(cell), resolution };
}

export const finerGrid: Check = {
  id: 'finer-grid',
  title: 'What is called exact is exact',
  compares:
    'With two latents log p(x) is a sum over a grid of codes, which lies along the posterior. Here the sum is done again on another grid: a plain square one whose cells are half as wide or less.',
  tolerance: 'at most 0.005 nats apart',
  async run(bench) {
    const model = await bench.model();
    const found = [];
    for (let index = 0; index < DIGITS; index += 1) {
      const { pixels, label } = await bench.ask('strokeDigit', recorded.digits.seed, index);
      found.push(await compare(bench, model, asSeen(pixels), `A stroke digit ${String(label)}`));
      bench.progress((index + 1) / DIGITS);
    }
    return judge(found);
  },
};

/** Black and white, as the model is given a drawing. */
function asSeen(pixels: Float32Array): Float32Array {
  return pixels.map((value) => (value >= 0.5 ? 1 : 0));
}
