/** The package's builds: which of them this browser can run, and that one loaded. */

import { relaxedSimd, threads } from 'wasm-feature-detect';

import { persistently } from './persistently';

/** Where the build with threads lies, relative to this module; empty if it was not built. */
declare const THREADS_BUILD: string;

type Package = typeof import('../../pkg/latent_canvas.js');
type Viewer = typeof import('../../pkg/viewer/latent_canvas.js');
/** All builds have the same API except for this. */
type ThreadsPackage = Package & { startThreads(count: number): Promise<void> };

/**
 * Loads the viewer, a smaller package that knows VAEs alone and trains none: calls of the rest are missing. The page may
 * have compiled its module already.
 */
export async function loadViewer(given: Promise<WebAssembly.Module | undefined>): Promise<Package> {
  const build = (await relaxedSimd()) ? relaxedViewer(given) : plainViewer(given);
  return (await build) as unknown as Package;
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

function plainViewer(given: Promise<WebAssembly.Module | undefined>): Promise<Viewer> {
  return started(
    () => import('../../pkg/viewer/latent_canvas.js'),
    new URL('../../pkg/viewer/latent_canvas_bg.wasm', import.meta.url),
    given,
  );
}

function relaxedViewer(given: Promise<WebAssembly.Module | undefined>): Promise<Viewer> {
  return started(
    () => import('../../pkg/viewer-relaxed/latent_canvas.js'),
    new URL('../../pkg/viewer-relaxed/latent_canvas_bg.wasm', import.meta.url),
    given,
  );
}

/** The wasm is requested at once, not only when its script has loaded and asks for it. */
async function started<T extends Viewer | Package>(
  script: () => Promise<T>,
  address: URL,
  given?: Promise<WebAssembly.Module | undefined>,
): Promise<T> {
  const [build, wasm] = await Promise.all([
    persistently(script),
    (async () => (await given) ?? persistently(() => fetchWasm(address)))(),
  ]);
  await build.default({ module_or_path: wasm });
  return build;
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
