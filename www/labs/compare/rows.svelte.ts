/** One drawing through every shipped model, one after the other. */

import {
  EngineError,
  type Elbo,
  type EngineApi,
  type Estimator,
  type LogLikelihood,
} from '../../engine/protocol';
import { Figure } from '../../state/figure.svelte';
import type { CatalogueEntry } from '../../state/catalogue';
import { evidenceMethod } from '../../state/model.svelte';
import { ask, shelf, type Shelved } from '../../state/shelf.svelte';

/** What a model makes of a drawing. */
export interface Row {
  entry: CatalogueEntry;
  /** The drawing that it was given, grey, as the page has it. */
  seen: Float32Array;
  /** Whether the model is of black and white pixels; else of grey ones. */
  binaryPixels: boolean;
  hasPrior: boolean;
  /** Whether the class is a part of its code, beside the latents. */
  codesClass: boolean;
  /** What the model was given: `seen`, or that in black and white. */
  input: Float32Array;
  reconstruction: Float32Array;
  /** A few images from the prior, 784 each; none without one. */
  samples: Float32Array | undefined;
  bound: Elbo;
  /** log p(x); none of a model without it. */
  evidence: { method: Estimator; found: LogLikelihood } | undefined;
}

export const SAMPLES = 3;
/** Draws of the bound's reconstruction term, and of log p(x) where it is estimated. */
export const BOUND_DRAWS = 400;
export const EVIDENCE_DRAWS = 2_000;

export class Rows {
  readonly #figure = new Figure<Readonly<Record<string, Row>>>('abort');
  readonly #samples: number;

  /** How many images of each model's prior are drawn. */
  constructor(samples: number = SAMPLES) {
    this.#samples = samples;
  }

  /** By the model's id, those of an older drawing until their turn comes. */
  get current(): Readonly<Partial<Record<string, Row>>> {
    return this.#figure.of(this) ?? {};
  }

  async find(entries: readonly CatalogueEntry[], seen: Float32Array, seed: number): Promise<void> {
    await this.#figure.find(this, async (signal, show) => {
      let rows = this.#figure.of(this) ?? {};
      for (const { id } of entries) {
        const model = await shelf.take(id);
        signal.throwIfAborted();
        rows = { ...rows, [id]: await rowOf(model, seen, seed, this.#samples, signal) };
        show(rows);
      }
      return rows;
    });
  }
}

/** The pixels as a model is given them. */
export function inputOf(binaryPixels: boolean, seen: Float32Array): Float32Array {
  return binaryPixels ? seen.map((value) => Number(value >= 0.5)) : seen;
}

async function rowOf(
  { entry, key, info }: Shelved,
  seen: Float32Array,
  seed: number,
  count: number,
  signal: AbortSignal,
): Promise<Row> {
  const { binaryPixels } = info;
  const input = inputOf(binaryPixels, seen);
  const { mean } = await ask(signal, 'encode', key, input);
  const reconstruction = await ask(signal, 'decode', key, mean);
  const bound = await ask(signal, 'elbo', key, input, { seed, samples: BOUND_DRAWS });
  const hasPrior = info.prior !== 'none';
  const codesClass = info.approximatePosterior === 'with-class';
  const drawn = hasPrior ? await ask(signal, 'sample', key, count, { seed }) : undefined;
  const method = evidenceMethod(info);
  const evidence =
    method === 'none' ? undefined : await evidenceOf(method, { entry, key, info }, input, seed, signal);
  const samples = drawn?.probabilities;
  return { entry, seen, binaryPixels, hasPrior, codesClass, input, reconstruction, samples, bound, evidence };
}

async function evidenceOf(
  method: Estimator,
  { key }: Shelved,
  input: Float32Array,
  seed: number,
  signal: AbortSignal,
): Promise<Row['evidence']> {
  const by = async (estimator: Estimator): Promise<Row['evidence']> => {
    const options: Parameters<EngineApi['logLikelihood']>[2] = { estimator, samples: EVIDENCE_DRAWS, seed };
    return { method: estimator, found: await ask(signal, 'logLikelihood', key, input, options) };
  };
  try {
    return await by(method);
  } catch (error) {
    // Too narrow or too ragged to be integrated: what is left is an estimate, and it is called one.
    if (!(method === 'quadrature' && error instanceof EngineError && error.code === 'non-finite'))
      throw error;
    return by('importance');
  }
}

/** The drawing's KL (rate) and minus its reconstruction (distortion), nats, where both are of black and white pixels. */
export function rateAndDistortion({ binaryPixels, hasPrior, bound }: Row): [number, number] | undefined {
  return binaryPixels && hasPrior ? [bound.kl, -bound.reconstruction] : undefined;
}
