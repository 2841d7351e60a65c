/** What training does when the page is hidden, put to sleep or left. */

import { counted, signed } from '../../components/format';
import type { Training } from './training.svelte';
import { toasts } from '../../state/toasts.svelte';

/** Longer without a step than any slice takes: the browser put the page to sleep. */
const SLEEP_MS = 5_000;

let watching = false;

/** Keeps the run when the page is hidden or left, and says so when a background tab was put to sleep. */
export function watchPage(training: Training): void {
  if (watching) return;
  watching = true;
  let hiddenAtStep = 0;

  const leave = (): void => {
    hiddenAtStep = training.run.step;
    void training.keepNow();
  };
  const comeBack = (): void => {
    if (!training.run.isRunning) return;
    const silence = performance.now() - training.run.reportedAtMs;
    const steps = training.run.step - hiddenAtStep;
    if (silence > SLEEP_MS) {
      toasts.show(
        `The browser put this tab to sleep: training paused for ${signed(silence / 1_000, 0)} s and goes on now.`,
      );
    } else if (steps > 0) {
      toasts.show(`Training went on in the background: ${counted(steps)} steps.`);
    }
    training.run.look();
  };

  document.addEventListener('visibilitychange', () => {
    if (document.hidden) leave();
    else comeBack();
  });
  // Some browsers freeze a page that stays hidden; this is their word for waking it.
  document.addEventListener('resume', comeBack);
  addEventListener('pagehide', leave);
}
