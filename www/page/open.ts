/** Makes the page, in the place of what its HTML shows. */

import { flushSync, mount } from 'svelte';

import App from '../App.svelte';
import { repeatPen } from './earlyPen';
import type { FirstPicture } from './firstPicture';
import { recall } from './recall';
import { view } from './view';

export function open(target: HTMLElement, picture: FirstPicture | undefined): void {
  if (picture) recall(picture);
  if (view.presenting) document.documentElement.dataset.present = '';
  target.replaceChildren();
  mount(App, { target });
  // What stands there is replaced by the same, alive, within one frame.
  flushSync();
  repeatPen(target);
}
