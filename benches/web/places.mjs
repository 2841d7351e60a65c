// Where things are, and what the server calls them.
import { join, resolve, sep } from 'node:path';

export const here = import.meta.dirname;
export const root = resolve(here, '../..');
/** Everything that is built: git, prettier and eslint leave it alone, and `make clean` removes it. */
export const built = join(root, '.cache/bench');
export const site = join(built, 'site');
export const peers = join(built, 'peers');

const mounts = { pkg: join(root, 'pkg'), peers, node_modules: join(here, 'node_modules') };

/**
 * The file behind a path on the server, or null where it leads out of the folders served.
 * @param {string} path
 */
export function fileOf(path) {
  const [first, ...rest] = path.split('/');
  const folder = mounts[first] ?? site;
  const file = folder === site ? join(site, path) : join(folder, ...rest);
  return file.startsWith(folder + sep) ? file : null;
}
