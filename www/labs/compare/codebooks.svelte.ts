/** The shipped codes of several models, as they come. */

import { extentOf } from '../../state/extent';
import { Figure } from '../../state/figure.svelte';
import type { Codes } from '../../state/safetensors';
import { codesOf } from './codebook';

export interface Codebook {
  codes: Codes;
  /** Half the side of the map that shows them. */
  extent: number;
}

export class Codebooks {
  readonly #figure = new Figure<Readonly<Partial<Record<string, Codebook>>>>();

  /** By the model's id. */
  get current(): Readonly<Partial<Record<string, Codebook>>> {
    return this.#figure.of(this) ?? {};
  }

  async find(ids: readonly string[]): Promise<void> {
    await this.#figure.find(this, async (_, show) => {
      let found = this.current;
      for (const id of ids) {
        const codes = await codesOf(id);
        found = { ...found, [id]: { codes, extent: extentOf(codes.mean, Infinity) } };
        show(found);
      }
      return found;
    });
  }
}
