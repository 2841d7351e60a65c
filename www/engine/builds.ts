/** The package's builds: which of them this browser can run, and that one loaded. */

import { relaxedSimd, threads } from 'wasm-feature-detect';

import { persistently } from './persistently';

/** Where the build with threads lies, relative to this module; empty if it was not built. */
declare const THREADS_BUILD: string;

type Package = typeof import('../../pkg/latent_canvas.js');
type Viewer = typeof import('../../pkg/viewer/latent_canvas.js');
const VIEWER = new URL('../../pkg/viewer/latent_canvas_bg.wasm', import.meta.url);
const RELAXED_VIEWER = new URL('../../pkg/viewer-relaxed/latent_canvas_bg.wasm', import.meta.url);

/** All builds have the same API except for this. */
type ThreadsPackage = Package & { startThreads(count: number): Promise<void> };

/**
 * Loads the viewer, a smaller package that knows VAEs alone and trains none: calls of the rest are missing. Its module is
 * `given`, or compiled here; `tell` hears which module it is, or that there is none.
 */
export async function loadViewer(
  given: Promise<WebAssembly.Module | undefined>,
  tell: (module: WebAssembly.Module | undefined) => void,
): Promise<Package> {
  const isRelaxed = await relaxedSimd();
  const module = given.then(
    (known) => known ?? persistently(() => compile(isRelaxed ? RELAXED_VIEWER : VIEWER)),
  );
  module.then(tell, () => {
    tell(undefined);
  });
  const script = isRelaxed
    ? () => import('../../pkg/viewer-relaxed/latent_canvas.js')
    : () => import('../../pkg/viewer/latent_canvas.js');
  const [build, compiled] = await Promise.all([persistently<Viewer>(script), module]);
  await build.default({ module_or_path: compiled });
  return build as unknown as Package;
}

/** Loads the fastest build of everything that this browser runs, with at most `threadLimit` threads. */
export async function loadPackage(threadLimit: number): Promise<Package> {
  if (!(await relaxedSimd())) return plain();
  if (threadLimit > 1 && THREADS_BUILD && (await threads())) {
    try {
      return await withThreads(threadLimit);
    } catch (error) {
      // A browser may have the feature and yet refuse the memory or the workers.
      console.warn('The build with threads did not start; going on with one thread.', error);
    }
  }
  return relaxed();
}

function plain(): Promise<Package> {
  return started(
    () => import('../../pkg/latent_canvas.js'),
    new URL('../../pkg/latent_canvas_bg.wasm', import.meta.url),
  );
}

function relaxed(): Promise<Package> {
  return started(
    () => import('../../pkg/relaxed/latent_canvas.js'),
    new URL('../../pkg/relaxed/latent_canvas_bg.wasm', import.meta.url),
  );
}

/** The wasm is requested at once, not only when its script has loaded and asks for it. */
async function started(script: () => Promise<Package>, address: URL): Promise<Package> {
  const [build, wasm] = await Promise.all([persistently(script), persistently(() => fetchWasm(address))]);
  await build.default({ module_or_path: wasm });
  return build;
}

/** While it comes, which needs a host that knows the type of such files. */
async function compile(address: URL): Promise<WebAssembly.Module> {
  const response = await fetchWasm(address);
  return response.headers.get('content-type') === 'application/wasm'
    ? WebAssembly.compileStreaming(response)
    : WebAssembly.compile(await response.arrayBuffer());
}

async function fetchWasm(address: URL): Promise<Response> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`The engine could not be fetched: ${String(response.status)}.`);
  return response;
}

/** Loaded from its own address, not from a bundle: its threads load the same address again. */
async function withThreads(count: number): Promise<Package> {
  const address = new URL(THREADS_BUILD, import.meta.url).href;
  const build = (await import(/* @vite-ignore */ address)) as ThreadsPackage;
  await build.default();
  await build.startThreads(count);
  return build;
}
