/**
 * What a lab is. One folder a lab: `labs/<name>/lab.ts` exports one of these as its default, beside `Lab.svelte` (the
 * figure) and `text.md` (three sentences under it). The page finds the folder by itself: nothing is registered, and
 * labs never import each other. A lab takes no properties; it reads and drives the page through `www/state/`, shows
 * things with `www/components/` and computes through `www/engine/client`.
 */

import type { Component } from 'svelte';

/** What a lab needs. If something is missing, the page says so instead of opening a broken figure. */
export type LabNeed =
  /** Some model is loaded. */
  | 'model'
  /** The model has exactly two latents. */
  | 'two-latents';

export interface Lab {
  /** In the address: `#lab=<id>`. */
  id: string;
  title: string;
  /** Position among the tabs, ascending: Story 5, Draw 10, Sample 20, Interpolate 30, Map 40, Train 50, then further tens. */
  order: number;
  needs: readonly LabNeed[];
  /** The names of its settings in the address, as it reads them; others in a link are told to the visitor. */
  settings?: readonly string[];
  /** HTML made from `text.md` at build time: `import text from './text.md'`; empty for a lab that says all in its figure. */
  text: string;
  /** Takes files dropped anywhere on the page, or says in the lab why it does not. One lab has this. */
  takeFiles?: (files: readonly File[]) => Promise<void>;
  /** Loaded when the lab is first opened: `() => import('./Lab.svelte')`. */
  component: () => Promise<{ default: Component }>;
}
