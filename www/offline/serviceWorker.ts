/**
 * Keeps the whole page on the visitor's device, in one version: it opens and works without a network. A newer version is
 * fetched beside it and waits until the visitor takes it.
 *
 * What it gives, it gives with the two headers that isolate a page from other origins: a browser asks for them before it
 * gives threads, and many hosts cannot send them.
 */

import { clientsClaim } from 'workbox-core';
import { addPlugins, cleanupOutdatedCaches, precacheAndRoute } from 'workbox-precaching';

/** Every file of the page, with what tells its versions apart where its name does not (scripts/offline.mjs). */
declare const FILES: { url: string; revision: string | null }[];

const worker = self as unknown as { skipWaiting(): Promise<void> };

function isolated(response: Response): Response {
  const headers = new Headers(response.headers);
  headers.set('Cross-Origin-Opener-Policy', 'same-origin');
  headers.set('Cross-Origin-Embedder-Policy', 'require-corp');
  headers.set('Cross-Origin-Resource-Policy', 'same-origin');
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}

addPlugins([{ handlerWillRespond: ({ response }) => Promise.resolve(isolated(response)) }]);
// ?lang, ?embed and ?present are the same page.
precacheAndRoute(FILES, { ignoreURLParametersMatching: [/./] });
cleanupOutdatedCaches();
// The tab of the first visit too finds here what it has not fetched yet.
clientsClaim();

addEventListener('message', ({ data }: MessageEvent<{ type?: string } | undefined>) => {
  if (data?.type === 'SKIP_WAITING') void worker.skipWaiting();
});
