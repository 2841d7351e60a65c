// Times the engines in turns, so that whatever else the machine does falls on all of them.
import { mean, median } from './statistics.mjs';
import { works } from './works.js';

/** Steps before the first that is timed. The mean loss of the last few of them is reported. */
const WARM_UP_STEPS = 65;
const LOSS_STEPS = 5;
/** Warm-up is taken in turns too. */
const WARM_UP_BLOCK = 13;
/** Timed steps of a work in a round; fewer where one takes long. */
const STEPS_A_ROUND = { A: 5, B: 12, C: 3 };
const IMAGE_GROUPS = 20;
const IMAGE_WARM_UP_GROUPS = 60;
const POSTERIORS = 20;
const POSTERIOR_WARM_UP = 60;
/** Calls of the loop of about a millisecond, which fit between two turns of something else. */
const ROOFLINE_ROUNDS = 500_000;
const ROOFLINE_CALLS = 40;
/** Rounds that make thirty timed steps of every work. */
export const FEWEST_ROUNDS = 10;

/**
 * What is known of an engine at one work.
 * @typedef {object} Training
 * @property {number} loss mean over the last steps of the warm-up
 * @property {number[][]} milliseconds the timed steps of each round
 */

/**
 * @typedef {object} Measured
 * @property {import('./engines.mjs').Engine} engine
 * @property {Record<string, Training>} training by work
 * @property {number[]} [image] milliseconds to encode and decode one image, a median a round
 * @property {number[]} [posterior] milliseconds to an exact posterior and log p(x), a median a round
 * @property {number[]} [roofline] GFLOP/s, the best of each round
 */

class Subject {
  /** @type {Set<string>} */
  #trains = new Set();
  #reconstructs = false;
  #infers = false;
  #losses = {};

  constructor(engine, call) {
    this.call = call;
    /** @type {Measured} */
    this.measured = { engine, training: {} };
  }

  async create(names) {
    for (const name of names) {
      const { trains, reconstructs, infers } = await this.call('create', name);
      if (trains) this.#trains.add(name);
      if (name === works.A.name) this.#reconstructs = reconstructs;
      if (name === works.B.name) this.#infers = infers;
      this.#losses[name] = [];
    }
  }

  async warmUp() {
    for (const name of this.#trains) {
      const { losses } = await this.call('train', name, WARM_UP_BLOCK);
      this.#losses[name].push(...losses);
    }
  }

  async warmedUp() {
    for (const name of this.#trains) {
      this.measured.training[name] = {
        loss: mean(this.#losses[name].slice(-LOSS_STEPS)),
        milliseconds: [],
      };
    }
    if (this.#reconstructs) {
      await this.call('reconstruct', works.A.name, IMAGE_WARM_UP_GROUPS);
      this.measured.image = [];
    }
    if (this.#infers) {
      await this.call('infer', works.B.name, POSTERIOR_WARM_UP);
      this.measured.posterior = [];
    }
    const limit = await this.call('roofline', ROOFLINE_ROUNDS, ROOFLINE_CALLS);
    if (limit !== null) this.measured.roofline = [];
  }

  async round() {
    for (const name of this.#trains) {
      // The first step finds the caches full of what another engine left there.
      await this.call('train', name, 1);
      const { milliseconds } = await this.call('train', name, STEPS_A_ROUND[name]);
      this.measured.training[name].milliseconds.push(milliseconds);
    }
    const { image, posterior, roofline } = this.measured;
    if (image) image.push(median(await this.call('reconstruct', works.A.name, IMAGE_GROUPS)));
    if (posterior) posterior.push(median(await this.call('infer', works.B.name, POSTERIORS)));
    if (roofline) roofline.push(await this.call('roofline', ROOFLINE_ROUNDS, ROOFLINE_CALLS));
  }
}

/**
 * @param {{ engine: import('./engines.mjs').Engine, call: import('./browser.mjs').Call }[]} opened
 * @param {{ names: string[], rounds: number, say: (text: string) => void }} options
 * @returns {Promise<Measured[]>}
 */
export async function measure(opened, { names, rounds, say }) {
  const subjects = opened.map(({ engine, call }) => new Subject(engine, call));
  for (const subject of subjects) await subject.create(names);
  for (let step = 0; step < WARM_UP_STEPS; step += WARM_UP_BLOCK) {
    say(`warming up, step ${step} of ${WARM_UP_STEPS}`);
    for (const subject of subjects) await subject.warmUp();
  }
  for (const subject of subjects) await subject.warmedUp();
  for (let round = 0; round < rounds; round += 1) {
    say(`round ${round + 1} of ${rounds}`);
    // Each round begins with another engine.
    const first = round % subjects.length;
    for (const subject of [...subjects.slice(first), ...subjects.slice(0, first)]) await subject.round();
  }
  return subjects.map((subject) => subject.measured);
}
