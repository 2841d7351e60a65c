/** What runs as long as the page is open: its first steps, and what follows the drawing and the model. */

import { untrack } from 'svelte';

import { engine } from '../engine/client';
import { wordsOf } from '../engine/wordsOf';
import { readClass } from '../labs/draw/settings';
import { drawing } from '../state/drawing.svelte';
import { manifold } from '../state/manifold.svelte';
import { codeOutline } from '../state/codeOutline.svelte';
import { loan } from '../state/loan.svelte';
import { models } from '../state/model.svelte';
import { page } from '../state/page.svelte';
import { perception } from '../state/perception.svelte';
import { report, toasts } from '../state/toasts.svelte';
import { adopt, keepAddress, readAddress, tellMissing } from './address.svelte';
import { exampleDigits } from './exampleDigits.svelte';
import { offline } from './offline.svelte';
import { keepTranslatedTextsLive } from './translation';
import { view } from './view';

/** To be called once, while the page's component is made. */
export function startPage(): void {
  engine.pen.onRestart((reason) => {
    toasts.show(
      `The worker that answers the pen was restarted (${reason}). Your drawing is as it was.`,
      'problem',
    );
    look();
  });
  keepTranslatedTextsLive(document.body);
  void open().catch(report);
  keepAddress();

  const opened = drawing.sketch;
  $effect(() => {
    void [models.current, models.isRecalled, drawing.sketch, page.seed, perception.binarization];
    untrack(() => {
      if (!models.isRecalled) look();
      // The figures that the page was opened with are of its own drawing alone.
      else if (drawing.sketch !== opened) perception.forget();
    });
  });

  $effect(() => {
    const model = models.isRecalled ? undefined : models.current;
    if (model) untrack(() => void manifold.decode(model));
  });

  $effect(() => {
    const { lab } = page;
    untrack(() => void loan.follow(lab).catch(report));
  });

  $effect(() => {
    const label = readClass(page.settings.draw);
    untrack(() => void models.assume(label).catch(report));
  });

  $effect(() => {
    const model = models.current;
    const input = perception.current?.input;
    if (model && !models.isRecalled && input)
      untrack(() => void codeOutline.find(perception.current, model, page.seed));
  });
}

async function open(): Promise<void> {
  const address = readAddress();
  const state = view.embedded ? { ...address, lab: view.embedded } : address;
  adopt(state);
  await models.start(state.model).catch((error: unknown) => {
    toasts.show(`The model could not be loaded: ${wordsOf(error)}`, 'problem');
  });
  tellMissing(state);
  await exampleDigits.drawFirst();
  // Not told: where the browser keeps nothing, all works as long as there is a network.
  await offline.keep().catch((error: unknown) => {
    console.warn('The page is not kept for use without a network.', error);
  });
}

/** Shows the drawing to the model. */
function look(): void {
  const model = models.current;
  if (model) void perception.look(drawing.sketch, model, page.seed);
}
