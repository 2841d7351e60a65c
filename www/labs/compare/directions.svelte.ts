/** Linear models and a deep one: their mean, the latents that move pictures most, samples, and the drawing. */

import { PIXELS } from '../../engine/protocol';
import { Figure } from '../../state/figure.svelte';
import type { CatalogueEntry } from '../../state/catalogue';
import { codesOf, momentsOf } from './codebook';
import { inputOf } from './rows.svelte';
import { ask, shelf } from '../../state/shelf.svelte';

export const DIRECTIONS = 4;
/** Of each direction, in standard deviations of the codes. */
export const STOPS = [-2, -1, 0, 1, 2] as const;
const REACH = 2;
export const SAMPLES = 8;

export interface Direction {
  /** The latent's number, from 0. */
  axis: number;
  /** What the decoder makes of the stops, 784 each. */
  pictures: Float32Array;
  /**
   * How far the mean of the two ends is from the middle, the most of any pixel: 0 where codes add up, but for what is cut at
   * 0 and 1.
   */
  bend: number;
}

export interface LinearOrDeep {
  entry: CatalogueEntry;
  seed: number;
  mean: Float32Array;
  directions: Direction[];
  samples: Float32Array;
}

export class DirectionState {
  readonly #figure = new Figure<readonly LinearOrDeep[]>('abort');

  get current(): readonly LinearOrDeep[] {
    return this.#figure.of(this) ?? [];
  }

  async find(ids: readonly string[], seed: number): Promise<void> {
    await this.#figure.find(this, async (signal, show) => {
      const found: LinearOrDeep[] = [];
      for (const id of ids) {
        const [{ entry, key }, codes] = await Promise.all([shelf.take(id), codesOf(id)]);
        const { mean: centre, sd } = momentsOf(codes);
        const at = (axis: number, stop: number): number[] =>
          centre.map((value, other) => value + (other === axis ? stop * (sd[other] ?? 0) : 0));
        const ends = await ask(
          signal,
          'decode',
          key,
          Float32Array.from(centre.flatMap((_, axis) => [...at(axis, -REACH), ...at(axis, REACH)])),
        );
        const widest = centre
          .map((_, axis) => ({ axis, travel: travelOf(ends, axis) }))
          .sort((a, b) => b.travel - a.travel)
          .slice(0, DIRECTIONS)
          .map(({ axis }) => axis);
        const stops = widest.flatMap((axis) => STOPS.flatMap((stop) => at(axis, stop)));
        const decoded = await ask(signal, 'decode', key, Float32Array.from([...centre, ...stops]));
        const { probabilities } = await ask(signal, 'sample', key, SAMPLES, { seed });
        const directions = widest.map((axis, row) => {
          const from = (1 + row * STOPS.length) * PIXELS;
          const pictures = decoded.subarray(from, from + STOPS.length * PIXELS);
          return { axis, pictures, bend: bendOf(pictures) };
        });
        found.push({ entry, seed, mean: decoded.subarray(0, PIXELS), directions, samples: probabilities });
        show([...found, ...this.current.slice(found.length)]);
      }
      return found;
    });
  }
}

/** Squared difference of the pictures at the two ends of a latent. */
function travelOf(ends: Float32Array, axis: number): number {
  const [low, high] = [2 * axis * PIXELS, (2 * axis + 1) * PIXELS];
  let sum = 0;
  for (let pixel = 0; pixel < PIXELS; pixel += 1) {
    sum += ((ends[high + pixel] ?? 0) - (ends[low + pixel] ?? 0)) ** 2;
  }
  return sum;
}

/** Of a row of pictures: how far the mean of the first and last is from the middle one, the most of any pixel. */
export function bendOf(pictures: Float32Array): number {
  const count = pictures.length / PIXELS;
  const middle = Math.floor(count / 2);
  let most = 0;
  for (let pixel = 0; pixel < PIXELS; pixel += 1) {
    const at = (picture: number): number => pictures[picture * PIXELS + pixel] ?? 0;
    most = Math.max(most, Math.abs((at(0) + at(count - 1)) / 2 - at(middle)));
  }
  return most;
}

export interface Redrawn {
  entry: CatalogueEntry;
  seen: Float32Array;
  input: Float32Array;
  reconstruction: Float32Array;
  /** Mean over the pixels of the squared difference from what the model was given. */
  squaredError: number;
}

export class RedrawnState {
  readonly #figure = new Figure<readonly Redrawn[]>('abort');

  of(id: string): Redrawn | undefined {
    return this.#figure.of(this)?.find(({ entry }) => entry.id === id);
  }

  async find(ids: readonly string[], seen: Float32Array): Promise<void> {
    await this.#figure.find(this, async (signal) => {
      const found: Redrawn[] = [];
      for (const id of ids) {
        const { entry, key, info } = await shelf.take(id);
        const input = inputOf(info.binaryPixels, seen);
        const { mean } = await ask(signal, 'encode', key, input);
        const reconstruction = await ask(signal, 'decode', key, mean);
        const squaredError =
          input.reduce((sum, value, at) => sum + (value - (reconstruction[at] ?? 0)) ** 2, 0) / PIXELS;
        found.push({ entry, seen, input, reconstruction, squaredError });
      }
      return found;
    });
  }
}
