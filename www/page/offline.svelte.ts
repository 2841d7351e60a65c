/** The page kept on this device, so that it works without a network; and what is said of a newer version. */

import { toasts } from '../state/toasts.svelte';

class Offline {
  /** Whether everything is here. */
  isKept = $state(false);

  /** Begins to keep the page, behind everything that the visitor waits for. */
  async keep(): Promise<void> {
    if (!import.meta.env.PROD || !('serviceWorker' in navigator) || !isWanted()) return;
    const { Workbox } = await import('workbox-window');
    const keeper = new Workbox('./serviceWorker.js');
    let isAsked = false;
    const take = (): void => {
      isAsked = true;
      keeper.messageSkipWaiting();
    };
    keeper.addEventListener('waiting', () => {
      toasts.ask(
        'There is a newer version of this page. Your drawing stays, and so does a run that this browser keeps.',
        {
          label: 'Take it',
          take,
        },
      );
    });
    keeper.addEventListener('controlling', ({ isUpdate }) => {
      if (isAsked) location.reload();
      // Files of this version are gone: it was taken in another tab.
      else if (isUpdate) tellNewer();
    });
    await keeper.register();
    document.addEventListener('visibilitychange', () => {
      // Without a network there is nothing newer to be had.
      if (!document.hidden) void keeper.update().catch(() => undefined);
    });
    await navigator.serviceWorker.ready;
    this.isKept = true;
  }
}

/** A frame keeps nothing in the name of the page around it, and who saves data is not sent all models. */
function isWanted(): boolean {
  const { connection } = navigator as { connection?: { saveData?: boolean } };
  return window.top === window && connection?.saveData !== true;
}

function tellNewer(): void {
  toasts.ask(
    'A newer version of this page was opened in another tab. Your drawing stays, and so does a run that this browser keeps.',
    {
      label: 'Reload',
      take: () => {
        location.reload();
      },
    },
  );
}

export const offline = new Offline();
