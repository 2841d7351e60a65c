// The labs' own figures, held against the command line or against the definition on the same numbers.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test, type Locator, type Page } from '@playwright/test';

import type { Dataset, Model } from '../../pkg/latent_canvas.js';
import { readCodes } from '../../www/state/safetensors';
import { largestDifference, settled, SIDE } from './canvas';
import { evaluate, sample, shipped } from './commandLine';
import { nats, open, trainingTests, trainTo } from './training';

// The command line's pictures are read in the page, which by its own policy shows none that are written into it.
test.use({ bypassCSP: true });

/** By its name alone: the text that explains another one may hold the same word. */
const figure = (page: Page, name: string): Locator =>
  page
    .locator('dl > div')
    .filter({ has: page.getByRole('button', { name, exact: true }) })
    .locator('dd');

const numbersIn = (text: string): number[] =>
  (text.replaceAll('−', '-').match(/-?\d+(?:\.\d+)?/g) ?? []).map(Number);

/** Stroke digits as the Train lab sets them aside; it measures the first of them, and shows the codes of some more. */
const HELD_OUT = { dataSeed: 17, count: 1_000, seed: 2 ** 33 + 17, evaluated: 256, encoded: 400 };

/** The package, as this test's own program has it. */
async function loadPackage(): Promise<{ Dataset: typeof Dataset; Model: typeof Model }> {
  const loaded = (await import(join('..', '..', 'pkg', 'latent_canvas.js'))) as {
    initSync: (options: { module: Uint8Array }) => unknown;
    Dataset: typeof Dataset;
    Model: typeof Model;
  };
  loaded.initSync({ module: readFileSync('pkg/latent_canvas_bg.wasm') });
  return loaded;
}

async function downloadRun(page: Page, file: string): Promise<void> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download checkpoint' }).click(),
  ]);
  await download.saveAs(file);
}

test.describe('Sample', () => {
  const COUNT = 60;
  const SEED = 7;

  test('the samples of a seed and their distances are the command line’s', async ({ page }, testInfo) => {
    const sheet = testInfo.outputPath('samples.png');
    const { latents } = await sample(shipped('mnist-2d'), COUNT, SEED, sheet);
    const distances = Array.from({ length: COUNT }, (_, at) =>
      Math.hypot(...latents.slice(2 * at, 2 * at + 2)),
    );
    await page.goto(`#lab=sample&sample=seed:${String(SEED)},pick:3`);
    const shown = await settled(
      page.getByRole('img', { name: 'Pixel probabilities of the sample', exact: true }),
    );
    const expected = await cell(page, sheet, 3, Math.ceil(Math.sqrt(COUNT)));
    // Two roundings to 255 levels, and a little between native and wasm.
    expect(largestDifference(shown, expected)).toBeLessThanOrEqual(2);

    const [distance, mean] = numbersIn(await figure(page, 'distance from the middle').innerText());
    expect(distance).toBeCloseTo(distances[3] ?? NaN, 2);
    expect(mean).toBeCloseTo(distances.reduce((sum, value) => sum + value, 0) / COUNT, 2);
    const [entropy] = numbersIn(await figure(page, 'entropy of the pixels').innerText());
    const terms = expected.map((level) => {
      const p = level / 255;
      return p > 0 && p < 1 ? -p * Math.log(p) - (1 - p) * Math.log(1 - p) : 0;
    });
    // Of 255 levels: a pixel of probability below 1/510 counts as 0, though it has up to 0.014 nats.
    expect(Math.abs((entropy ?? NaN) - terms.reduce((sum, term) => sum + term, 0))).toBeLessThan(2);
  });

  /** An image of a sheet, as levels of ink. */
  async function cell(page: Page, file: string, index: number, columns: number): Promise<number[]> {
    const address = `data:image/png;base64,${readFileSync(file).toString('base64')}`;
    const pitch = SIDE + 2;
    const corner = [2 + (index % columns) * pitch, 2 + Math.floor(index / columns) * pitch] as const;
    return page.evaluate(
      async ({ address, corner: [left, top], side }) => {
        const image = new Image();
        image.src = address;
        await image.decode();
        const canvas = new OffscreenCanvas(image.width, image.height);
        const context = canvas.getContext('2d');
        if (!context) throw new Error('no canvas');
        context.drawImage(image, 0, 0);
        const { data } = context.getImageData(left, top, side, side);
        return Array.from({ length: side * side }, (_, pixel) => 255 - (data[4 * pixel] ?? 0));
      },
      { address, corner, side: SIDE },
    );
  }
});

test.describe('Map', () => {
  test('what is said of all codes follows from the codes that are shipped', async ({ page }) => {
    const { mean, count } = readCodes(
      new Uint8Array(readFileSync('www/public/models/mnist-2d.codes.safetensors')),
    );
    const along = [0, 1].map((axis) => Array.from({ length: count }, (_, at) => mean[2 * at + axis] ?? NaN));
    const average = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / count;
    const [m1 = NaN, m2 = NaN] = along.map(average);
    const [x = [], y = []] = [m1, m2].map((centre, axis) =>
      (along[axis] ?? []).map((value) => value - centre),
    );
    const product = (a: number[], b: number[]): number =>
      average(a.map((value, at) => value * (b[at] ?? NaN)));
    const [xx, yy, xy] = [product(x, x), product(y, y), product(x, y)];
    const determinant = xx * yy - xy ** 2;

    await page.goto('#lab=map');
    const shown = async (name: string): Promise<number[]> => numbersIn(await figure(page, name).innerText());
    await expect(figure(page, 'correlation')).toHaveText(/\d/);
    const close = (values: number[], expected: number[]): void => {
      expect(values.length).toBe(expected.length);
      values.forEach((value, at) => {
        expect(Math.abs(value - (expected[at] ?? NaN))).toBeLessThan(0.0051);
      });
    };
    close(await shown('mean'), [m1, m2]);
    close(await shown('spread'), [Math.sqrt(xx), Math.sqrt(yy)]);
    close(await shown('correlation'), [xy / Math.sqrt(xx * yy)]);
    close(await shown('effective spread'), [determinant ** 0.25]);
    close(await shown('KL of their Gaussian'), [
      0.5 * (xx + yy + m1 ** 2 + m2 ** 2 - 2 - Math.log(determinant)),
    ]);
    expect(await figure(page, 'active latents').innerText()).toContain('2 of 2');
  });

  test('digits are encoded from the same kind of pixels as a drawing', async ({ page }, testInfo) => {
    await open(page, `images:400,hidden:~32,batchSize:32,dataSeed:${String(HELD_OUT.dataSeed)}`);
    // How many steps more there are depends on the machine: the codes lie further apart with each.
    await trainTo(page, 60);
    const file = testInfo.outputPath('run.safetensors');
    await downloadRun(page, file);
    await page.getByRole('button', { name: 'Use this model on the page' }).click();
    await page.getByRole('tab', { name: 'Map', exact: true }).click();
    await expect(figure(page, 'correlation')).toHaveText(/\d/);
    const shown = [
      ...numbersIn(await figure(page, 'mean').innerText()),
      ...numbersIn(await figure(page, 'spread').innerText()),
    ];

    const { Dataset, Model } = await loadPackage();
    const grey = Dataset.strokes(HELD_OUT.count, HELD_OUT.seed).images(0, HELD_OUT.encoded);
    const model = Model.load(readFileSync(file));
    const summary = (pixels: Float32Array): number[] => {
      const { mean } = model.encode(pixels);
      const along = [0, 1].map((axis) => Array.from(mean).filter((_, at) => at % 2 === axis));
      const average = (values: number[]): number =>
        values.reduce((sum, value) => sum + value, 0) / HELD_OUT.encoded;
      const spread = (values: number[]): number =>
        Math.sqrt(average(values.map((value) => (value - average(values)) ** 2)));
      return [...along.map(average), ...along.map(spread)];
    };
    const off = (expected: number[]): number =>
      Math.max(...expected.map((value, at) => Math.abs(value - (shown[at] ?? NaN))));
    expect(off(summary(grey.map((value) => (value >= 0.5 ? 1 : 0))))).toBeLessThan(0.0051);
    // Twice what the figures' two decimals may hide.
    expect(off(summary(grey)), 'grey pixels give other codes').toBeGreaterThan(0.0102);
  });
});

test.describe('Train', () => {
  trainingTests();

  test('the figures of held-out digits are the command line’s, of the same model and digits', async ({
    page,
  }, testInfo) => {
    await open(page, `images:2000,hidden:~64,dataSeed:${String(HELD_OUT.dataSeed)}`);
    await trainTo(page, 200);
    const shown = await Promise.all(['elbo', 'reconstruction', 'kl'].map((measure) => nats(page, measure)));
    const file = testInfo.outputPath('run.safetensors');
    await downloadRun(page, file);
    const report = await evaluate(file, await heldOut(), 'elbo', 'dynamic');
    const expected = [report.elbo, report.reconstruction, report.kl];
    // Each tosses coins of its own for the pixels and draws codes of its own: some 0.6 nats, in the mean of 256 digits.
    shown.forEach((value, at) => {
      expect(Math.abs(value - (expected[at] ?? NaN))).toBeLessThan(3);
    });
  });

  async function heldOut(): Promise<number[][]> {
    const { Dataset } = await loadPackage();
    const pixels = Dataset.strokes(HELD_OUT.count, HELD_OUT.seed).images(0, HELD_OUT.evaluated);
    const levels = Array.from(pixels, (value) => Math.round(255 * value));
    return Array.from({ length: HELD_OUT.evaluated }, (_, at) =>
      levels.slice(at * SIDE ** 2, (at + 1) * SIDE ** 2),
    );
  }
});
