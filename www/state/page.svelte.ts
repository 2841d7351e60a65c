/** What the address holds besides the model and the drawing. */

import type { ParameterValue, TrainOptions } from '../engine/protocol';

/** What a lab lets the visitor choose; what is missing has its default. */
export type Settings = Readonly<Record<string, ParameterValue>>;
/** What becomes of some of a lab's settings; undefined: as usual again. */
export type Changes = Readonly<Record<string, ParameterValue | undefined>>;

class Page {
  /** The open lab. */
  lab = $state('draw');
  /** Seeds every draw that the page makes, so that a link shows the same ones. */
  seed = $state(7);
  /** The Train lab's settings; it keeps them here so that they travel with the link. */
  training = $state.raw<TrainOptions>({});
  /** The other labs' settings, by the lab's id; they travel with the link too. */
  settings = $state.raw<Readonly<Record<string, Settings>>>({});

  /** Changes some of a lab's settings; undefined goes back to the default. */
  change(lab: string, changes: Changes): void {
    const merged = { ...this.settings[lab], ...changes };
    const kept = Object.entries(merged).filter(
      (entry): entry is [string, ParameterValue] => entry[1] !== undefined,
    );
    this.settings = { ...this.settings, [lab]: Object.fromEntries(kept) };
  }
}

export const page = new Page();
