// The engines that are measured. One more is a driver in engines/ and a line here.
import { existsSync } from 'node:fs';
import { fileOf } from './places.mjs';

/**
 * @typedef {object} Engine
 * @property {string} id also the first part of its page's path
 * @property {string} label
 * @property {string} driver the file in engines/
 * @property {Record<string, string | number>} [options] what the driver is opened with
 * @property {string} [package] the JavaScript of a wasm package, as a path on the server
 */

/** @type {Engine[]} */
const engines = [
  { id: 'ours', label: 'ours, simd128', driver: 'ours', package: 'pkg/latent_canvas.js' },
  {
    id: 'ours-relaxed',
    label: 'ours, relaxed-simd',
    driver: 'ours',
    package: 'pkg/relaxed/latent_canvas.js',
  },
  {
    id: 'ours-threads',
    label: 'ours, relaxed-simd, 2 threads',
    driver: 'ours',
    package: 'pkg/threads/latent_canvas.js',
    options: { threads: 2 },
  },
  { id: 'candle', label: 'plain candle 0.11', driver: 'rust', package: 'peers/candle/plain_candle.js' },
  { id: 'burn', label: 'burn-flex 0.22', driver: 'rust', package: 'peers/burn/burn_flex.js' },
  { id: 'tfjs', label: 'tfjs 4.22 wasm, 1 thread', driver: 'tfjs' },
  { id: 'jax', label: 'jax-js 0.1 wasm, jit, 1 thread', driver: 'jax', options: { workers: 1 } },
  { id: 'jax-workers', label: 'jax-js 0.1 wasm, jit, 2 workers', driver: 'jax', options: { workers: 2 } },
  { id: 'onnx', label: 'onnxruntime-web 1.30, 1 thread', driver: 'onnx' },
];

/** What the engines' speeds are divided by, with the heads of their columns. */
export const BASELINES = {
  burn: '× burn-flex',
  candle: '× plain candle',
  'ours-relaxed': '× ours, 1 thread',
};

/**
 * The engines of these ids, or all of them: those that can run, and what is to be said of the others.
 * @param {string[] | undefined} ids
 * @returns {{ built: Engine[], missing: string[] }}
 */
export function choose(ids) {
  const unknown = ids?.filter((id) => !engines.some((engine) => engine.id === id)) ?? [];
  if (unknown.length) {
    const known = engines.map((engine) => engine.id).join(', ');
    throw new Error(`There is no engine "${unknown.join('", "')}"; there are ${known}.`);
  }
  const chosen = engines.filter((engine) => !ids || ids.includes(engine.id));
  const isBuilt = (engine) => !engine.package || existsSync(fileOf(engine.package));
  return {
    built: chosen.filter(isBuilt),
    missing: chosen.filter((engine) => !isBuilt(engine)).map(({ label }) => `${label}: not built`),
  };
}
