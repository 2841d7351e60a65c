/** What the run and the page see of each other, whichever lab is open. */

import { untrack } from 'svelte';

import { drawing } from '../../state/drawing.svelte';
import { page } from '../../state/page.svelte';
import { toStrokeData } from '../../state/strokes';
import { report } from '../../state/toasts.svelte';
import type { Training } from './training.svelte';

/** From now on, for as long as the page lives: the run belongs to it, not to the lab that shows the run. */
export function connectToPage(training: Training): void {
  const { run } = training;

  $effect.root(() => {
    $effect(() => {
      const values = page.training;
      untrack(() => {
        training.adoptAddress(values);
      });
    });

    $effect(() => {
      const { strokes, penWidth } = drawing.sketch;
      if (drawing.isDrawing) return;
      run.record.observer.follow(strokes.length > 0 ? toStrokeData(strokes, penWidth) : undefined);
      untrack(() => {
        if (training.isWatched) run.look();
      });
    });

    // Someone watches again: what was not computed meanwhile is due.
    $effect(() => {
      if (training.isWatched) {
        untrack(() => {
          run.look();
        });
      }
    });

    $effect(() => {
      void run.record.observer.glimpse;
      untrack(() => {
        training.pageModel.follow().catch(report);
      });
    });
  });
}
