/** Which settings are at hand from the start, and whether the others are shown. */

import type { ParameterSpec, TrainOptions } from '../../engine/protocol';
import { DATA, OWN_SPEC } from './trainingSettings.svelte';

/** What the first minutes need; everything else is for experts. */
const BASIC: readonly string[] = [DATA, 'latents', 'categories', 'components', 'beta', 'learningRate'];
/** They have their own place. */
const ELSEWHERE: readonly string[] = ['learningRate', OWN_SPEC.name];

const STORAGE_KEY = 'expert';

class Expert {
  isOpen = $state(false);

  constructor() {
    try {
      this.isOpen = localStorage.getItem(STORAGE_KEY) === 'open';
    } catch {
      // Storage may be forbidden; the page then begins with the basic settings.
    }
  }

  /** As the visitor wants it, now and at the next visit. */
  choose(isOpen: boolean): void {
    if (isOpen === this.isOpen) return;
    this.isOpen = isOpen;
    try {
      localStorage.setItem(STORAGE_KEY, isOpen ? 'open' : 'closed');
    } catch {
      // The choice then lasts as long as the page.
    }
  }

  /** Settings came with a link: whoever follows it sees those that it changed. */
  showChanged(changed: TrainOptions): void {
    if (expertChanges(changed).length > 0) this.isOpen = true;
  }
}

export const expert = new Expert();

/** The names of the changed settings that only experts see. */
export function expertChanges(changed: TrainOptions): string[] {
  return Object.keys(changed).filter((name) => !BASIC.includes(name) && !ELSEWHERE.includes(name));
}

/** The basic ones, in the order of the list above. */
export function basicOf(specs: readonly ParameterSpec[]): ParameterSpec[] {
  return BASIC.flatMap((name) => specs.filter((spec) => spec.name === name && !ELSEWHERE.includes(name)));
}

export function expertOf(specs: readonly ParameterSpec[]): ParameterSpec[] {
  return specs.filter(({ name }) => !BASIC.includes(name) && !ELSEWHERE.includes(name));
}
