/** A drawing's style in all ten classes, and which class each model takes it for. */

import type { InEveryClass } from '../../engine/protocol';
import { Figure } from '../../state/figure.svelte';
import type { CatalogueEntry } from '../../state/catalogue';
import { inputOf } from './rows.svelte';
import { ask, shelf } from '../../state/shelf.svelte';

export interface Styled {
  entry: CatalogueEntry;
  /** The drawing that it was given, grey, as the page has it. */
  seen: Float32Array;
  /** p(y|x). */
  probabilities: Float32Array;
  /** Whether a network of its own says p(y|x), not Bayes’ rule. */
  hasClassifier: boolean;
  /** The class under which the style was read. */
  label: number;
  styles: InEveryClass;
}

export class Styles {
  readonly #figure = new Figure<readonly Styled[]>('abort');

  get current(): readonly Styled[] {
    return this.#figure.of(this) ?? [];
  }

  /** Model after model; under the class that each finds likeliest where none is given. */
  async find(ids: readonly string[], seen: Float32Array, label: number | undefined): Promise<void> {
    await this.#figure.find(this, async (signal, show) => {
      const found: Styled[] = [];
      for (const id of ids) {
        const { entry, key, info } = await shelf.take(id);
        const input = inputOf(info.binaryPixels, seen);
        const probabilities = await ask(signal, 'classify', key, input);
        const read = label ?? likeliest(probabilities);
        const styles = await ask(signal, 'inEveryClass', key, input, read);
        const hasClassifier = info.capabilities.classifies;
        found.push({ entry, seen, probabilities, hasClassifier, label: read, styles });
        // What is older stays until its turn comes.
        show([...found, ...this.current.slice(found.length)]);
      }
      return found;
    });
  }
}

export function likeliest(probabilities: Float32Array): number {
  return probabilities.reduce((best, value, digit) => (value > (probabilities[best] ?? 0) ? digit : best), 0);
}
