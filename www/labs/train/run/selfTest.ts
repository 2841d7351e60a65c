/** How fast this browser trains, beside the most that its processor can do. */

import type { Call } from './observer.svelte';

/** The work that benchmarks of this project are quoted for: 784-400-20-400-784, 128 images a step. */
const SPEC = { model: 'vae', latents: 20, hidden: [400], activation: 'relu' };
const BATCH_SIZE = 128;
const IMAGES = 4096;
const OPTIONS = { batchSize: BATCH_SIZE, learningRate: 0.001, binarization: 'dynamic', seed: 1 };
const KEY = 'self-test';

/** Training and limit in turns, so that whatever else the machine does slows both. */
const ROUNDS = 10;
const TRAINING_MS = 450;
const ROOFLINE_MS = 50;

export interface SelfTestResult {
  imagesPerSecond: number;
  /** Of training; a step counts 6 operations for every weight and image. */
  gigaflops: number;
  /** Of multiply-adds on registers alone, by the same threads. */
  limit: number;
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

export async function selfTest(call: Call, onprogress: (share: number) => void): Promise<SelfTestResult> {
  await call('createModel', [KEY, SPEC, 1]);
  await call('strokesDataset', [KEY, IMAGES, 1]);
  const { flopsPerImage } = await call('createTrainer', [KEY, KEY, KEY, OPTIONS]);
  try {
    const rates: number[] = [];
    const limits: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      onprogress(round / ROUNDS);
      const reports = await call('train', [KEY, TRAINING_MS, Number.MAX_SAFE_INTEGER]);
      rates.push(median(reports.map(({ imagesPerSecond }) => imagesPerSecond)));
      limits.push(await call('roofline', [ROOFLINE_MS]));
    }
    const imagesPerSecond = median(rates);
    return { imagesPerSecond, gigaflops: (imagesPerSecond * flopsPerImage) / 1e9, limit: median(limits) };
  } finally {
    await call('releaseTrainer', [KEY]);
    await call('releaseDataset', [KEY]);
    await call('releaseModel', [KEY]);
  }
}
