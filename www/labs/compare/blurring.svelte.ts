/** Why a reconstruction is blurred: figures of one drawing under models of few and of many latents. */

import { Figure } from '../../state/figure.svelte';
import type { CatalogueEntry } from '../../state/catalogue';
import { models } from '../../state/model.svelte';
import { meanSharpness, sharpness } from './blur';
import { codeAt, codesOf, nearestTo } from './codebook';
import { inputOf } from './rows.svelte';
import { BLURRED } from './settings';
import { ask, shelf } from '../../state/shelf.svelte';

/** Stroke digits over which the sharpness of a model is averaged, and their seed. */
export const DIGITS = 64;
export const DIGITS_SEED = 64;
export const NEIGHBOURS = 8;

export interface Neighbours {
  entry: CatalogueEntry;
  seen: Float32Array;
  input: Float32Array;
  /** What the decoder makes of the drawing's code. */
  probabilities: Float32Array;
  /** The test digits whose codes are nearest, and what the decoder makes of those, n×784. */
  labels: number[];
  pictures: Float32Array;
}

export interface Sharpness {
  entry: CatalogueEntry;
  /** Of the drawing's reconstruction, and the mean over the stroke digits'. */
  drawing: number;
  digits: number;
}

/** The models whose blur is looked at, by their latents. */
export function blurredModels(): CatalogueEntry[] {
  return models.catalogue
    .filter(({ id }) => BLURRED.some((one) => one === id))
    .toSorted((a, b) => a.latents - b.latents);
}

export class NeighbourState {
  readonly #figure = new Figure<Neighbours>('abort');

  get current(): Neighbours | undefined {
    return this.#figure.of(this);
  }

  async find(id: string, seen: Float32Array): Promise<void> {
    await this.#figure.find(this, async (signal) => {
      const [{ entry, key, info }, codes] = await Promise.all([shelf.take(id), codesOf(id)]);
      const input = inputOf(info.binaryPixels, seen);
      const { mean } = await ask(signal, 'encode', key, input);
      const rows = nearestTo(mean, codes, NEIGHBOURS);
      const near = Float32Array.from(rows.flatMap((row) => [...codeAt(codes, row)]));
      const probabilities = await ask(signal, 'decode', key, mean);
      const pictures = await ask(signal, 'decode', key, near);
      const labels = rows.map((row) => codes.label[row] ?? 0);
      return { entry, seen, input, probabilities, labels, pictures };
    });
  }
}

export class SharpnessState {
  readonly #figure = new Figure<readonly Sharpness[]>('abort');
  /** Means over the stroke digits: they do not change with the drawing. */
  #ofDigits: Readonly<Record<string, number>> = {};

  get current(): readonly Sharpness[] {
    return this.#figure.of(this) ?? [];
  }

  async find(entries: readonly CatalogueEntry[], seen: Float32Array): Promise<void> {
    await this.#figure.find(this, async (signal, show) => {
      const found: Sharpness[] = [];
      for (const { id } of entries) {
        const { entry, key, info } = await shelf.take(id);
        const redrawn = async (images: Float32Array): Promise<Float32Array> => {
          const { mean } = await ask(signal, 'encode', key, inputOf(info.binaryPixels, images));
          return ask(signal, 'decode', key, mean);
        };
        let digits = this.#ofDigits[id];
        if (digits === undefined) {
          const { pixels } = await ask(signal, 'factoredDigits', DIGITS_SEED, 0, DIGITS);
          digits = meanSharpness(await redrawn(pixels));
          this.#ofDigits = { ...this.#ofDigits, [id]: digits };
        }
        found.push({ entry, drawing: sharpness(await redrawn(seen)), digits });
        show([...found, ...this.current.slice(found.length)]);
      }
      return found;
    });
  }
}
