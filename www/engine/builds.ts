/** The package's builds: which of them this browser can run, and that one loaded. */

import { relaxedSimd, threads } from 'wasm-feature-detect';

/** Where the build with threads lies, relative to this module; empty if it was not built. */
declare const THREADS_BUILD: string;

type Package = typeof import('../../pkg/latent_canvas.js');
type Viewer = typeof import('../../pkg/viewer/latent_canvas.js');
/** The builds have one API, but for this. */
type ThreadsPackage = Package & { startThreads(count: number): Promise<void> };

/** Loads the viewer, a smaller package that knows VAEs alone and trains none: calls of the rest are missing. */
export async function loadViewer(): Promise<Package> {
  const build = (await relaxedSimd()) ? relaxedViewer() : plainViewer();
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
  const wasm = fetch(new URL('../../pkg/latent_canvas_bg.wasm', import.meta.url));
  return started(import('../../pkg/latent_canvas.js'), wasm);
}

function relaxed(): Promise<Package> {
  const wasm = fetch(new URL('../../pkg/relaxed/latent_canvas_bg.wasm', import.meta.url));
  return started(import('../../pkg/relaxed/latent_canvas.js'), wasm);
}

function plainViewer(): Promise<Viewer> {
  const wasm = fetch(new URL('../../pkg/viewer/latent_canvas_bg.wasm', import.meta.url));
  return started(import('../../pkg/viewer/latent_canvas.js'), wasm);
}

function relaxedViewer(): Promise<Viewer> {
  const wasm = fetch(new URL('../../pkg/viewer-relaxed/latent_canvas_bg.wasm', import.meta.url));
  return started(import('../../pkg/viewer-relaxed/latent_canvas.js'), wasm);
}

/** The wasm is asked for at once, not by its script when that has come. */
async function started<T extends Viewer | Package>(script: Promise<T>, wasm: Promise<Response>): Promise<T> {
  const build = await script;
  await build.default({ module_or_path: wasm });
  return build;
}

/** Loaded as it lies: its threads load it again by its own address, which a bundle has not. */
async function withThreads(count: number): Promise<Package> {
  const address = new URL(THREADS_BUILD, import.meta.url).href;
  const build = (await import(/* @vite-ignore */ address)) as ThreadsPackage;
  await build.default();
  await build.startThreads(count);
  return build;
}
