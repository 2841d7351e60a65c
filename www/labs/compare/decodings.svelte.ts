/** The autoencoder's and the VAE's pictures of the same kinds of codes. */

import { Figure } from '../../state/figure.svelte';
import type { CatalogueEntry } from '../../state/catalogue';
import { Random } from '../../state/random';
import type { Codes } from '../../state/safetensors';
import { PIXELS } from '../../engine/protocol';
import { codeAt, codesOf, momentsOf } from './codebook';
import { ask, shelf } from '../../state/shelf.svelte';

export const DRAWS = 16;
export const STEPS = 9;

export interface Decodings {
  entry: CatalogueEntry;
  codes: Codes;
  /** Standard deviation of each latent over the codes. */
  sd: number[];
  /** Codes of each kind and what the decoder makes of them, n×2 and n×784. */
  prior: Pictures;
  aggregate: Pictures;
  line: Pictures;
}

export interface Pictures {
  latents: Float32Array;
  probabilities: Float32Array;
}

export class BothDecodings {
  readonly #figure = new Figure<readonly Decodings[]>('abort');

  get current(): readonly Decodings[] {
    return this.#figure.of(this) ?? [];
  }

  async find(ids: readonly string[], seed: number): Promise<void> {
    await this.#figure.find(this, async (signal, show) => {
      const found: Decodings[] = [];
      for (const id of ids) {
        const [{ entry, key }, codes] = await Promise.all([shelf.take(id), codesOf(id)]);
        const kinds = [fromUnitNormal(seed), fromCodes(codes, seed), alongLine(codes, seed)];
        const all = Float32Array.from(kinds.flatMap((latents) => [...latents]));
        const decoded = await ask(signal, 'decode', key, all);
        let from = 0;
        const [prior, aggregate, line] = kinds.map((latents) => {
          const to = from + (latents.length / 2) * PIXELS;
          const probabilities = decoded.subarray(from, to);
          from = to;
          return { latents, probabilities };
        }) as [Pictures, Pictures, Pictures];
        found.push({ entry, codes, sd: momentsOf(codes).sd, prior, aggregate, line });
        show([...found, ...this.current.slice(found.length)]);
      }
      return found;
    });
  }
}

/** The same draws for both models. */
export function fromUnitNormal(seed: number): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length: 2 * DRAWS }, () => random.normal());
}

/** Codes of test digits, each as likely: draws of the aggregate. */
function fromCodes(codes: Codes, seed: number): Float32Array {
  const random = new Random(seed + 1);
  const rows = Array.from({ length: DRAWS }, () => Math.floor(random.uniform() * codes.count));
  return Float32Array.from(rows.flatMap((row) => [...codeAt(codes, row)]));
}

/** Both models have coded the same test digits, so that the line joins the same two, of different classes. */
export function alongLine(codes: Codes, seed: number): Float32Array {
  const random = new Random(seed + 2);
  const from = Math.floor(random.uniform() * codes.count);
  let to = from;
  for (let tries = 0; tries < 100 && codes.label[to] === codes.label[from]; tries += 1) {
    to = Math.floor(random.uniform() * codes.count);
  }
  const [a, b] = [codeAt(codes, from), codeAt(codes, to)];
  return Float32Array.from({ length: 2 * STEPS }, (_, at) => {
    const share = Math.floor(at / 2) / (STEPS - 1);
    return (1 - share) * (a[at % 2] ?? 0) + share * (b[at % 2] ?? 0);
  });
}
