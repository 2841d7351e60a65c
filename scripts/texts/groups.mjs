// Which texts are fetched together: those of a lab come with it, as it does.
import { posix } from 'node:path';

/** @param {string} file named from the project's root */
export function groupOf(file) {
  if (file === 'www/main.ts') return 'main';
  const [, lab] = /^www\/labs\/([^/]+)\/(?!lab\.ts$)/.exec(file) ?? [];
  return lab ?? (file.startsWith('www/page/check/') ? 'check' : 'page');
}

/** The group that must be there before what a module fetches; none for its own. */
export function otherGroup(file, address) {
  if (!address.startsWith('.')) return undefined;
  const target = posix.join(posix.dirname(file), address);
  const group = groupOf(target);
  return target.startsWith('www/') && group !== groupOf(file) ? group : undefined;
}
