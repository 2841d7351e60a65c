/** The worker that the HTML has started already (scripts/first-view.mjs), where it has. */

type Started = Worker & { failure?: string };

declare global {
  interface Window {
    firstWorker?: Started | undefined;
  }
}

/** It is given once, and only under the name that it was started with; what went wrong with it before is told anew. */
export function takeFirstWorker(name: string): Worker | undefined {
  const { firstWorker } = globalThis as unknown as Window;
  if (!firstWorker || name !== 'pen:1') return undefined;
  delete window.firstWorker;
  const { failure } = firstWorker;
  if (failure !== undefined) {
    queueMicrotask(() => firstWorker.onerror?.(new ErrorEvent('error', { message: failure })));
  }
  return firstWorker;
}
