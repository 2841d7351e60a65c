/** log p(x) of test digits by a shipped model: a small file beside it, fetched when the lab is open. */

import { Figure } from '../../state/figure.svelte';
import type { CatalogueEntry } from '../../state/catalogue';
import { fetchBytes } from '../../state/modelFiles';
import { valuesOf, type TestValuesFile } from './histogram';

export interface TestValues {
  /** Ascending, nats. */
  values: Float64Array;
  pixels: TestValuesFile['pixels'];
}

class TestValuesState {
  readonly #figure = new Figure<TestValues>('abort');

  of(entry: CatalogueEntry | undefined): TestValues | undefined {
    return entry && this.#figure.of(entry);
  }

  async find(entry: CatalogueEntry): Promise<void> {
    const { likelihoods } = entry;
    if (likelihoods === undefined || this.of(entry)) return;
    await this.#figure.find(entry, async (signal) => {
      const text = new TextDecoder().decode(await fetchBytes(likelihoods, signal));
      const file = JSON.parse(text) as TestValuesFile;
      return { values: valuesOf(file), pixels: file.pixels };
    });
  }
}

export const testValues = new TestValuesState();
