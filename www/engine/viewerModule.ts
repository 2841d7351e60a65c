/**
 * The viewer's WebAssembly, compiled once for all workers that look at VAEs. The page asks for it in its head, before
 * any script has come, and the workers are handed the module.
 */

import { relaxedSimd } from 'wasm-feature-detect';

import { persistently } from './persistently';

let module: Promise<WebAssembly.Module | undefined> | undefined;

/** None where it could not be fetched: a worker then tries by itself, and says what is wrong. */
export function viewerModule(): Promise<WebAssembly.Module | undefined> {
  module ??= compiled().catch(() => {
    module = undefined;
    return undefined;
  });
  return module;
}

async function compiled(): Promise<WebAssembly.Module> {
  const address = (await relaxedSimd())
    ? new URL('../../pkg/viewer-relaxed/latent_canvas_bg.wasm', import.meta.url)
    : new URL('../../pkg/viewer/latent_canvas_bg.wasm', import.meta.url);
  return persistently(async () => {
    const response = await fetch(address);
    if (!response.ok) throw new Error(`The engine could not be fetched: ${String(response.status)}.`);
    // A host may not know the type of such files, which compiling while they come needs.
    return response.headers.get('content-type') === 'application/wasm'
      ? WebAssembly.compileStreaming(response)
      : WebAssembly.compile(await response.arrayBuffer());
  });
}
