// Runs one engine and times it.
import { expose } from 'comlink';
import { works } from '../works.js';
import { makeData } from './data.js';

/**
 * What a driver in engines/ opens.
 * @typedef {object} Opened
 * @property {(work: import('../works.js').Work, data: import('./data.js').Data) => Runner | Promise<Runner>} [create]
 * @property {() => number} [memory] bytes that its WebAssembly memory has grown to
 * @property {(rounds: number) => number} [roofline] runs a loop of arithmetic alone; the operations done
 */

/**
 * One model in training; `step` gives the loss of the step as a number in JavaScript, and `encodeDecode`
 * the pixel probabilities of the mean codes of some images.
 * @typedef {object} Runner
 * @property {() => number | Promise<number>} [step]
 * @property {(pixels: Float32Array) => Float32Array | Promise<Float32Array>} [encodeDecode]
 * @property {(pixels: Float32Array) => unknown} [posterior] the exact one of an image, and log p(x), on a grid
 */

/** Images are timed by the group, for a clock that counts in steps of five microseconds. */
const IMAGES_A_GROUP = 10;

/** @type {Opened} */
let engine;
/** @type {Promise<Float32Array> | undefined} */
let digits;
/** @type {Map<string, Runner>} */
const runners = new Map();

async function fetchDigits() {
  const response = await fetch(new URL('../digits.f32', import.meta.url));
  return new Float32Array(await response.arrayBuffer());
}

expose({
  async open(driver, options) {
    const { open } = await import(new URL(`../engines/${driver}.js`, import.meta.url).href);
    engine = await open(options);
  },

  /** Makes an untrained model; says what it can do. */
  async create(name) {
    digits ??= fetchDigits();
    const work = works[name];
    const runner = await engine.create(work, makeData(work, await digits));
    runners.set(name, runner);
    return {
      trains: Boolean(runner.step),
      reconstructs: Boolean(runner.encodeDecode),
      infers: Boolean(runner.posterior),
    };
  },

  /** Takes steps; the milliseconds and the loss of each. */
  async train(name, count) {
    const runner = runners.get(name);
    const milliseconds = [];
    const losses = [];
    for (let step = 0; step < count; step += 1) {
      const start = performance.now();
      losses.push(await runner.step());
      milliseconds.push(performance.now() - start);
    }
    return { milliseconds, losses };
  },

  /** Encodes and decodes one image at a time; the milliseconds an image of each group. */
  async reconstruct(name, groups) {
    const runner = runners.get(name);
    const image = (await digits).slice(0, 784);
    const milliseconds = [];
    for (let group = 0; group < groups; group += 1) {
      const start = performance.now();
      for (let count = 0; count < IMAGES_A_GROUP; count += 1) await runner.encodeDecode(image);
      milliseconds.push((performance.now() - start) / IMAGES_A_GROUP);
    }
    return milliseconds;
  },

  /** The exact posterior of one image after another; the milliseconds of each. */
  async infer(name, count) {
    const runner = runners.get(name);
    const images = await digits;
    return Array.from({ length: count }, (_, index) => {
      const image = images.slice(784 * index, 784 * (index + 1));
      const start = performance.now();
      runner.posterior(image);
      return performance.now() - start;
    });
  },

  /** Billions of floating-point operations a second in the best of some calls; null without the loop. */
  roofline(rounds, calls) {
    if (!engine.roofline) return null;
    let best = 0;
    for (let count = 0; count < calls; count += 1) {
      const start = performance.now();
      const operations = engine.roofline(rounds);
      best = Math.max(best, operations / (performance.now() - start) / 1e6);
    }
    return best;
  },

  memory: () => engine.memory(),
});
