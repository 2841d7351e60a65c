/**
 * The viewer's WebAssembly, compiled once. The first worker that looks at VAEs compiles it, while the page is being made;
 * the later ones are handed the module.
 */

import type * as Comlink from 'comlink';

import type { Starting } from './protocol';

let module: Promise<WebAssembly.Module | undefined> | undefined;

/** Sees to it that a worker has the module: by its own work, or by that of another one. Calls never settle where it dies. */
export function shareViewer(worker: Comlink.Remote<Starting>, death: Promise<never>): void {
  // A worker that is lost meanwhile needs none, and one that is given none compiles it itself.
  const give = (known?: WebAssembly.Module): void => void worker.giveViewer(known).catch(() => undefined);
  if (module) {
    void module.then(give);
    return;
  }
  give();
  module = Promise.race([worker.viewer(), death]).catch(() => undefined);
  // The next worker tries anew.
  void module.then((made) => {
    if (!made) module = undefined;
  });
}
