/** The class that a model by class is given for every image, on the whole page. */

import { models } from './model.svelte';
import { page } from './page.svelte';

/** Tells the page's model the class of what it is shown, from now on; none leaves it to sum over all of them. */
export async function giveClass(label: number | undefined): Promise<void> {
  // Picked in the Draw lab, it travels with that lab's settings.
  page.change('draw', { class: label });
  await models.assume(label);
}
