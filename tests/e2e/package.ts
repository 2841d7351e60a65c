// The package, asked in Node for what the page shows: with the same seed the same draws, so that figures can be held exactly.
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';

// The build that the browser runs in one thread: chains of another build part from it by a last place, and go their own ways.
import * as engine from '../../pkg/relaxed/latent_canvas.js';
import { shipped } from './commandLine';

const module = readFileSync('pkg/relaxed/latent_canvas_bg.wasm');
// Node 20 knows relaxed SIMD but must be told to.
if (!WebAssembly.validate(module)) setFlagsFromString('--experimental-wasm-relaxed-simd');
engine.initSync({ module });

export { engine };

/** A shipped model. */
export function modelOf(id: string): engine.Model {
  return engine.Model.load(readFileSync(shipped(id)));
}

/** Levels 0 to 255 as the package takes pixels. */
export function asPixels(levels: readonly number[]): Float32Array {
  return Float32Array.from(levels, (level) => level / 255);
}
