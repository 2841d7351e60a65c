/** What the address holds besides the model and the drawing. */

import type { TrainOptions } from '../engine/protocol';

class Page {
  /** The open lab. */
  lab = $state('draw');
  /** Seeds every draw that the page makes, so that a link shows the same ones. */
  seed = $state(7);
  /** The Train lab's settings; it keeps them here so that they travel with the link. */
  training = $state.raw<TrainOptions>({});
}

export const page = new Page();
