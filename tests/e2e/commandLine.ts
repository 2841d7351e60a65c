// The command line asked for what the page shows, on the same pixels.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { SIDE } from './canvas';

/** Built by the native tests, which come before the browser's. */
const PROGRAM = join(process.env.CARGO_TARGET_DIR ?? 'target', 'debug', 'latent-canvas');

const run = promisify(execFile);

export interface Report {
  elbo: number;
  reconstruction: number;
  kl: number;
  /** Of each image, nats. */
  logLikelihoods: number[];
  /** Nats, of what is exact. */
  tolerance?: number;
  standardError: number;
}

function bigEndian(...numbers: number[]): Buffer {
  const bytes = Buffer.alloc(4 * numbers.length);
  numbers.forEach((number, at) => bytes.writeUInt32BE(number, 4 * at));
  return bytes;
}

/** Images of levels 0 to 255 as test images in IDX files, for as long as they are needed; all of one class. */
async function inFolder<T>(
  images: readonly (readonly number[])[],
  use: (folder: string) => Promise<T>,
  label = 0,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'latent-canvas-'));
  try {
    const header = bigEndian(0x803, images.length, SIDE, SIDE);
    await writeFile(
      join(folder, 't10k-images-idx3-ubyte'),
      Buffer.concat([header, Buffer.from(images.flat())]),
    );
    const labels = Buffer.concat([bigEndian(0x801, images.length), Buffer.alloc(images.length, label)]);
    await writeFile(join(folder, 't10k-labels-idx1-ubyte'), labels);
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** What `latent-canvas eval` says of images, as they are. */
export async function evaluate(
  modelFile: string,
  images: readonly (readonly number[])[],
  estimator: string,
  binarization = 'grey',
): Promise<Report> {
  return inFolder(images, async (folder) => {
    const { stdout } = await run(PROGRAM, [
      ...['eval', modelFile, '--data', folder, '--binarization', binarization],
      ...['--estimator', estimator, '--each', '--json'],
    ]);
    return JSON.parse(stdout) as Report;
  });
}

/** Whether the command line takes an image of black and white pixels for this class. */
export async function isTakenFor(
  modelFile: string,
  image: readonly number[],
  label: number,
): Promise<boolean> {
  return inFolder(
    [image],
    async (folder) => {
      const { stdout } = await run(PROGRAM, [
        ...['eval', modelFile, '--data', folder, '--binarization', 'grey', '--estimator', 'elbo', '--json'],
      ]);
      return (JSON.parse(stdout) as { classError: number }).classError === 0;
    },
    label,
  );
}

/** What latents tell of the factors of stroke digits, nats. */
export interface Factors {
  names: string[];
  mig: number;
  /** Latents × factors. */
  information: number[][];
}

/** What `latent-canvas latents` says on so many stroke digits. */
export async function factorsOf(modelFile: string, count: number): Promise<Factors> {
  const { stdout } = await run(PROGRAM, [
    ...['latents', modelFile, '--data', 'strokes', '--count', String(count), '--json'],
  ]);
  return (JSON.parse(stdout) as { factors: Factors }).factors;
}

/** What `latent-canvas sample` draws: the codes, and the file of the sheet with their probabilities. */
export async function sample(
  modelFile: string,
  count: number,
  seed: number,
  sheet: string,
  label?: number,
): Promise<{ latents: number[] }> {
  const { stdout } = await run(PROGRAM, [
    ...['sample', modelFile, '--count', String(count), '--seed', String(seed)],
    ...['--out', sheet, '--json'],
    ...(label === undefined ? [] : ['--label', String(label)]),
  ]);
  return JSON.parse(stdout) as { latents: number[] };
}

/** The file of a shipped model. */
export function shipped(id: string): string {
  return join('www/public/models', `${id}.safetensors`);
}

/** A squared error per pixel of each way to repair. */
export interface Repaired {
  asItIs: { squaredError: number };
  reconstruction: { squaredError: number };
  alternation: { squaredError: number };
  posterior: { squaredError: number };
}

/** What `latent-canvas repair` says of one image of black and white pixels. */
export async function repair(modelFile: string, image: readonly number[], task: string): Promise<Repaired> {
  return inFolder([image], async (folder) => {
    const { stdout } = await run(PROGRAM, [
      ...['repair', modelFile, '--data', folder, '--task', task, '--limit', '1', '--json'],
    ]);
    return JSON.parse(stdout) as Repaired;
  });
}

/** Chains of the command line on one image. */
export interface Walked {
  acceptance: number;
  leastEffectiveSamples: number;
  worstRHat: number;
  grid: { totalVariation: number; totalVariationOfTrueDraws: number };
}

/** What `latent-canvas posterior` says of one image of black and white pixels. */
export async function walk(
  modelFile: string,
  image: readonly number[],
  { kernel, warmUp, draws }: { kernel: string; warmUp: number; draws: number },
): Promise<Walked> {
  return inFolder([image], async (folder) => {
    const { stdout } = await run(PROGRAM, [
      ...['posterior', modelFile, '--data', folder, '--limit', '1', '--kernel', kernel],
      ...['--warm-up', String(warmUp), '--draws', String(draws), '--json'],
    ]);
    return JSON.parse(stdout) as Walked;
  });
}

/** Ink or paper, as a model of black and white pixels is given them: 128 of 255 is ink. */
export function thresholded(levels: readonly number[]): number[] {
  return levels.map((level) => (level >= 128 ? 255 : 0));
}
