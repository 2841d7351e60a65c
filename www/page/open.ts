/** Makes the page: of what its HTML shows, or where that is another page, of nothing. */

import { flushSync, hydrate, mount } from 'svelte';

import App from '../App.svelte';
import { repeatPen } from './earlyPen';
import type { FirstPicture } from './firstPicture';
import { recall } from './recall';
import { view } from './view';

export function open(target: HTMLElement, picture: FirstPicture | undefined): void {
  if (picture) recall(picture);
  if (view.presenting) document.documentElement.dataset.present = '';
  if (target.hasChildNodes()) hydrate(App, { target });
  else mount(App, { target });
  // It is alive within one frame.
  flushSync();
  // Its elements have their own styles now; a rule of the HTML would outlive one that is taken back.
  document.getElementById('first-styles')?.remove();
  repeatPen();
}
