/** The address says what is on the page, and the page becomes what an address says. */

import { labs } from '../labs';
import { drawing } from '../state/drawing.svelte';
import type { ParameterValue } from '../engine/protocol';
import { STORY } from '../state/loan.svelte';
import { models } from '../state/model.svelte';
import { page, type Settings } from '../state/page.svelte';
import { perception } from '../state/perception.svelte';
import { report, toasts } from '../state/toasts.svelte';
import { fromHash, toHash, type PageState } from '../state/url';
import { exampleDigits } from './exampleDigits.svelte';

/** The address follows this long after the last change: writing it with every pen event would be refused. */
const DELAY_MS = 400;

/** A place that the browser's Back goes to: a lab, and in the Story a chapter of it. */
interface Place {
  lab: string;
  chapter?: ParameterValue | undefined;
}

/** What the page leaves in an entry of the browser's history: only its own entries have it. */
type Entry = Place;

const placeOf = ({ lab, settings }: Pick<typeof page, 'lab' | 'settings'>): Place =>
  lab === STORY ? { lab, chapter: settings[STORY]?.chapter } : { lab };

/** The place of the history's present entry. */
let entryPlace = placeOf(page);

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

const chapterOf = ({ chapter }: Place): Settings => (chapter === undefined ? {} : { chapter });

function write(state: PageState, how: 'pushState' | 'replaceState'): void {
  const entry: Entry = placeOf({ lab: state.lab ?? page.lab, settings: state.settings ?? {} });
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

/**
 * Keeps the address up to date; the browser's Back goes to the lab or the chapter before. To be called while a component is
 * made.
 */
export function keepAddress(): void {
  $effect(() => {
    const place = placeOf(page);
    const left = entryPlace;
    if (place.lab === left.lab && place.chapter === left.chapter) return;
    const state = present(isDrawn());
    entryPlace = place;
    // The Story says in which chapter it has opened: that is no step of the visitor's.
    if (place.lab === left.lab && left.chapter === undefined) {
      write(state, 'replaceState');
      return;
    }
    // The entry that is left may be behind by what was drawn a moment ago.
    const story = left.lab === STORY ? { [STORY]: { ...state.settings?.[STORY], ...chapterOf(left) } } : {};
    write({ ...state, lab: left.lab, settings: { ...state.settings, ...story } }, 'replaceState');
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
  if (state.lab && labs.some((one) => one.id === state.lab)) page.lab = state.lab;
  if (state.seed !== undefined) page.seed = state.seed;
  if (state.training) page.training = state.training;
  page.settings = state.settings ?? {};
  entryPlace = placeOf(page);
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

/** Back and Forward change the lab and the chapter alone: the drawing and the other settings stay as they are. */
export function onpopstate(): void {
  const entry = history.state as Entry | null;
  if (!entry || !labs.some(({ id }) => id === entry.lab)) return;
  known = location.hash;
  page.lab = entry.lab;
  if (entry.chapter !== undefined) page.change(STORY, chapterOf(entry));
  entryPlace = placeOf(page);
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
