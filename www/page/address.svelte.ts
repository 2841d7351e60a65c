/** The address says what is on the page, and the page becomes what an address says. */

import { labs } from '../labs';
import { drawing } from '../state/drawing.svelte';
import { models } from '../state/model.svelte';
import { page } from '../state/page.svelte';
import { perception } from '../state/perception.svelte';
import { report, toasts } from '../state/toasts.svelte';
import { fromHash, toHash, type PageState } from '../state/url';
import { exampleDigits } from './exampleDigits.svelte';

/** The address follows this long after the last change: writing it with every pen event would be refused. */
const DELAY_MS = 400;

/** What the page leaves in an entry of the browser's history: only its own entries have it. */
interface Entry {
  lab: string;
}

/** The lab of the history's present entry. */
let entryLab = page.lab;

/** The address as the page has read or written it last: another one is the visitor's, and the event that tells of it may be late. */
let known = location.hash;

/** Whether there is a drawing that a link must carry: one that is not the page's own example. */
function isDrawn(): boolean {
  return exampleDigits.touched || !(drawing.isExample || drawing.isEmpty);
}

function present(withSketch: boolean): PageState {
  const model = models.current?.entry?.id;
  return {
    lab: page.lab,
    ...(model ? { model } : {}),
    seed: page.seed,
    ...(perception.chosenBinarization ? { binarization: perception.chosenBinarization } : {}),
    training: page.training,
    settings: page.settings,
    ...(withSketch ? { sketch: drawing.sketch } : {}),
  };
}

function write(state: PageState, how: 'pushState' | 'replaceState'): void {
  const entry: Entry = { lab: state.lab ?? page.lab };
  try {
    history[how](entry, '', toHash(state));
    known = location.hash;
  } catch {
    // A frame without rights, or a browser that counts too many changes: the address then stays as it was.
  }
}

/** The address of exactly what is on screen. */
export function presentLink(): string {
  write(present(true), 'replaceState');
  return location.href;
}

/** Keeps the address up to date; the browser's Back goes to the lab before. To be called while a component is made. */
export function keepAddress(): void {
  $effect(() => {
    const { lab } = page;
    if (lab === entryLab) return;
    const state = present(isDrawn());
    // The entry that is left may be behind by what was drawn a moment ago.
    write({ ...state, lab: entryLab }, 'replaceState');
    entryLab = lab;
    write(state, 'pushState');
  });

  $effect(() => {
    const state = present(isDrawn());
    const timer = setTimeout(() => {
      if (location.hash !== known) return;
      if (!history.state || location.hash !== toHash(state)) write(state, 'replaceState');
    }, DELAY_MS);
    return () => {
      clearTimeout(timer);
    };
  });
}

/** What the address says now. */
export function readAddress(): PageState {
  known = location.hash;
  return fromHash(known);
}

/** Makes the page what the address says, but for the model, which has to be fetched. */
export function adopt(state: PageState): void {
  if (state.lab && labs.some((one) => one.id === state.lab)) entryLab = page.lab = state.lab;
  if (state.seed !== undefined) page.seed = state.seed;
  if (state.training) page.training = state.training;
  page.settings = state.settings ?? {};
  perception.chooseBinarization(state.binarization);
  if (state.sketch) {
    exampleDigits.stop();
    // What the visitor has drawn in the open page can be brought back.
    if (drawing.isEmpty || drawing.isExample) drawing.show(state.sketch);
    else drawing.replace(state.sketch);
  }
}

/** A link that cannot be followed whole is followed as far as it goes, and the visitor is told. */
export function tellMissing(state: PageState): void {
  const missing = [...(state.problems ?? [])];
  if (state.lab && !labs.some(({ id }) => id === state.lab)) missing.push(`there is no lab “${state.lab}”`);
  for (const [name, settings] of Object.entries(state.settings ?? {})) {
    const lab = labs.find(({ id }) => id === name);
    if (!lab) missing.push(`there is no lab “${name}” to set up`);
    for (const setting of Object.keys(settings)) {
      if (lab && !lab.settings?.includes(setting)) missing.push(`${lab.title} has no setting “${setting}”`);
    }
  }
  const { model } = state;
  if (model && models.catalogue.length > 0 && !models.catalogue.some(({ id }) => id === model)) {
    missing.push(`there is no model “${model}”`);
  }
  if (missing.length > 0) toasts.show(`This link is damaged: ${missing.join(', and ')}.`, 'problem');
}

/** Back and Forward change the lab alone: the drawing and the settings stay as they are. */
export function onpopstate(): void {
  const entry = history.state as Entry | null;
  if (!entry || !labs.some(({ id }) => id === entry.lab)) return;
  known = location.hash;
  entryLab = page.lab = entry.lab;
}

/** An address that was typed or pasted into the open page. */
export async function onhashchange(): Promise<void> {
  if (history.state) return;
  const state = readAddress();
  adopt(state);
  tellMissing(state);
  const { model } = state;
  if (model && model !== models.current?.entry?.id && models.catalogue.some(({ id }) => id === model)) {
    await models.choose(model).catch(report);
  }
}
