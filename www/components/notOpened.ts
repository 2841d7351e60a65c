/** Why a part of the page that is fetched when it is wanted did not open. */

import { wordsOf } from '../engine/wordsOf';

/** A browser's words for a part of the page that did not come; what its code throws is another matter. */
const NOT_FETCHED =
  /dynamically imported module|importing a module script failed|unable to preload css|failed to fetch|load failed/i;

/** Whether the files of this version may be gone from where the page comes from, so that only a newer page opens. */
export function mayBeGone(error: unknown): boolean {
  return NOT_FETCHED.test(wordsOf(error)) && navigator.onLine;
}

/** In words; `what` begins the sentence: "This lab". */
export function whyNotOpened(what: string, error: unknown): string {
  const words = wordsOf(error);
  if (!NOT_FETCHED.test(words)) return `${what} failed to open: ${words}`;
  return navigator.onLine
    ? `${what} could not be fetched. There may be a newer version of this page: reload it. Your drawing stays, and so does a run that this browser keeps.`
    : `${what} could not be fetched: this device is offline.`;
}
