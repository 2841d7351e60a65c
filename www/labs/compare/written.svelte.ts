/** Digits with known factors: one that sliders write, and a sample that tells what the latents know of the factors. */

import { engine } from '../../engine/client';
import type {
  Code,
  Elbo,
  ModelInfo,
  MutualInformation,
  StrokeDigit,
  StrokeFactors,
} from '../../engine/protocol';
import { Figure } from '../../state/figure.svelte';
import { models } from '../../state/model.svelte';
import { inputOf } from './rows.svelte';
import { ask, shelf } from '../../state/shelf.svelte';
import { RANGES, type Factor } from './strokeFactors';

/** Digits of the sample: those that the command line scores, in the same order. */
export const SAMPLE = 2_000;
const SAMPLE_SEED = 2;
const BLOCK = 200;
/** Stops of a sweep along one factor. */
const STOPS = 25;
const BOUND_DRAWS = 100;
/** The hand does not tremble, so its seed is never felt. */
const HAND = 0;

/** A shipped model by its id, or the page's own; known to the worker for studies when this resolves. */
export async function studied(id: string): Promise<{ key: string; info: ModelInfo; label: string }> {
  if (id !== 'page') {
    const { key, info, entry } = await shelf.take(id);
    return { key, info, label: entry.label };
  }
  const model = models.current;
  if (!model) throw new Error('The page has no model yet.');
  await engine.study(model.key);
  return { key: model.key, info: model, label: model.label };
}

export interface Written {
  factors: StrokeFactors;
  digit: StrokeDigit;
  input: Float32Array;
  code: Code;
  reconstruction: Float32Array;
  bound: Elbo;
  sweep: Sweep;
}

/** What the code does while one factor goes through its interval and the others stay. */
export interface Sweep {
  factor: Factor | 'class';
  values: number[];
  /** Means of q, values×K. */
  means: Float32Array;
}

export class Writing {
  readonly #figure = new Figure<Written>('abort');

  of(model: unknown): Written | undefined {
    return this.#figure.of(model);
  }

  async find(model: string, factors: StrokeFactors, moved: Factor | 'class'): Promise<void> {
    await this.#figure.find(model, async (signal) => {
      const { key, info } = await studied(model);
      const digit = await ask(signal, 'writeDigit', factors, HAND);
      const input = inputOf(info.binaryPixels, digit.pixels);
      const code = await ask(signal, 'encode', key, input);
      const reconstruction = await ask(signal, 'decode', key, code.mean);
      const bound = await ask(signal, 'elbo', key, input, { seed: 1, samples: BOUND_DRAWS });
      const values = stopsOf(moved);
      const images: number[] = [];
      for (const value of values) {
        const { pixels } = await ask(signal, 'writeDigit', { ...factors, [moved]: value }, HAND);
        images.push(...inputOf(info.binaryPixels, pixels));
      }
      const { mean: means } = await ask(signal, 'encode', key, Float32Array.from(images));
      return { factors, digit, input, code, reconstruction, bound, sweep: { factor: moved, values, means } };
    });
  }
}

export function stopsOf(factor: Factor | 'class'): number[] {
  if (factor === 'class') return Array.from({ length: 10 }, (_, digit) => digit);
  const [low, high] = RANGES[factor];
  // Not beyond the end by a rounding.
  return Array.from({ length: STOPS }, (_, at) => Math.min(high, low + ((high - low) * at) / (STOPS - 1)));
}

export interface Information extends MutualInformation {
  /** Digits counted so far. */
  count: number;
  latents: number;
  names: string[];
}

export class InformationState {
  readonly #figure = new Figure<Information>('abort');

  of(model: unknown): Information | undefined {
    return this.#figure.of(model);
  }

  /** By blocks of digits, so that the figure grows. */
  async find(model: string): Promise<void> {
    await this.#figure.find(model, async (signal, show) => {
      const { key, info } = await studied(model);
      const codes: number[] = [];
      const factors: number[] = [];
      for (let from = 0; ; from += BLOCK) {
        const block = await ask(signal, 'factoredDigits', SAMPLE_SEED, from, BLOCK);
        const { mean } = await ask(signal, 'encode', key, inputOf(info.binaryPixels, block.pixels));
        codes.push(...mean);
        factors.push(...block.factors);
        const { names } = block;
        const { latents } = info;
        const found = await ask(
          signal,
          'mutualInformation',
          Float32Array.from(codes),
          latents,
          Float64Array.from(factors),
          names.length,
        );
        const count = from + BLOCK;
        const information = { ...found, count, latents, names };
        if (count >= SAMPLE) return information;
        show(information);
      }
    });
  }
}

/** How far the latent that tells most of a factor is ahead of the next, as a share of the factor's entropy: 0 to 1. */
export function gapOf({ matrix, entropies, names, latents }: Information, factor: number): number {
  const told = Array.from({ length: latents }, (_, latent) => matrix[latent * names.length + factor] ?? 0);
  const [first = 0, second = 0] = told.sort((a, b) => b - a);
  return (first - second) / (entropies[factor] ?? NaN);
}
