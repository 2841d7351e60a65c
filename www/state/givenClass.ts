/** The class that a model by class is told of every image; none leaves it to sum over all of them. */

import { models } from './model.svelte';
import { page } from './page.svelte';
import { integerOf } from './settings';

/** It is picked in this lab and travels with the lab's settings, though it holds for the whole page. */
const LAB = 'draw';

/** The class of the page's settings. */
export function chosenClass(): number | undefined {
  const label = integerOf(page.settings[LAB], 'class', -1, [-1, 9]);
  return label < 0 ? undefined : label;
}

/** Tells the page's model the class of what it is shown, from now on. */
export async function giveClass(label: number | undefined): Promise<void> {
  page.change(LAB, { class: label });
  await models.assume(label);
}
