// Data files as people have them: taken, or refused at the drop with the reason.
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gzipSync } from 'node:zlib';

import { expect, test, type Page } from '@playwright/test';

import { drop, idxFiles, open, openFile, start, trainTo, trainingTests } from './training';

trainingTests();

interface Dropped {
  name: string;
  bytes: Uint8Array;
}

/** A file with this header and so many zeros after it. */
function idx(words: number[], bodyBytes: number): Uint8Array {
  const bytes = Buffer.alloc(4 * words.length + bodyBytes);
  words.forEach((word, at) => bytes.writeUInt32BE(word, 4 * at));
  return bytes;
}

function labelsUpTo(largest: number, count: number): Uint8Array {
  const bytes = Buffer.from(idx([0x801, count], count));
  for (let at = 0; at < count; at += 1) bytes[8 + at] = at % (largest + 1);
  return bytes;
}

/** QMNIST's: eight big numbers a row, the first of them the class. */
function wideLabels(count: number): Uint8Array {
  const bytes = Buffer.from(idx([0xc02, count, 8], 32 * count));
  for (let at = 0; at < count; at += 1) bytes.writeUInt32BE(at % 10, 12 + 32 * at);
  return bytes;
}

const text = (words: string): Uint8Array => new TextEncoder().encode(words);
const trained = (page: Page) => page.getByTestId('images');

test('what is wrong with files is told at the drop, and those before stay', async ({ page }) => {
  await open(page);
  const { images } = idxFiles(40);
  await drop(page, [{ name: 'bars', bytes: images }]);
  await expect(trained(page)).toHaveText('36');
  const thrice = gzipSync(gzipSync(gzipSync(images)));
  const cases: [Dropped[], string][] = [
    [
      [{ name: 'page.gz', bytes: text('<!DOCTYPE html><title>404</title>') }],
      '“page.gz”: no IDX file of images or labels: this is a web page',
    ],
    [[{ name: 'large', bytes: idx([0x803, 10, 32, 32], 10_240) }], '32x32 images; only 28x28'],
    [
      [{ name: 'short', bytes: idx([0x803, 10_000, 28, 28], 7_840) }],
      'says 10000 images, but only 10 are there',
    ],
    [
      [{ name: 'long', bytes: idx([0x803, 100, 28, 28], 200 * 784) }],
      'room for 100 more than its header promises',
    ],
    [[{ name: 'none', bytes: idx([0x803, 0, 28, 28], 0) }], 'promises 0 images'],
    [[{ name: 'thrice.gz', bytes: thrice }], 'more than twice'],
    [[{ name: 'cut.gz', bytes: gzipSync(images).subarray(0, 90) }], 'damaged or cut short'],
    [
      [
        { name: 'train-images', bytes: images },
        { name: 'test-images', bytes: images },
        { name: 'more-images', bytes: images },
      ],
      '“more-images” is an image file too many',
    ],
    [
      [
        { name: 'train-images', bytes: images },
        { name: 'test-labels', bytes: idxFiles(40).labels },
      ],
      '“test-labels” has no images here',
    ],
  ];
  for (const [files, reason] of cases) {
    await drop(page, files);
    await expect(page.getByText(reason)).toBeVisible();
    await expect(trained(page)).toHaveText('36');
  }
  await expect(page.getByText('Kept in this browser: 40 images.')).toBeVisible();
  await expect(start(page)).toBeEnabled();
});

test('a gzip bomb is refused while the page stays free', async ({ page }) => {
  await open(page);
  // Half a gigabyte under a header that promises as much.
  const bomb = gzipSync(idx([0x803, 700_000, 28, 28], 700_000 * 784), { level: 1 });
  await page.getByRole('radio', { name: 'Your files' }).check();
  await page.evaluate(() => {
    const page = window as unknown as { longest: number };
    page.longest = 0;
    let last = performance.now();
    setInterval(() => {
      page.longest = Math.max(page.longest, performance.now() - last);
      last = performance.now();
    }, 20);
  });
  await openFile(page, 'Choose data files', [{ name: 'bomb.gz', bytes: bomb }]);
  await expect(page.getByText('“bomb.gz”: the image file unpacks to more than 256 MiB')).toBeVisible({
    timeout: 60_000,
  });
  // Half a minute once; a machine with much to do may well take a second.
  const longest = await page.evaluate(() => (window as unknown as { longest: number }).longest);
  expect(longest, 'milliseconds that the page did not answer').toBeLessThan(5_000);
});

test('files are taken however they are packed and named, and labels go to their images', async ({ page }) => {
  await open(page);
  const { images } = idxFiles(40);
  const members = Buffer.concat([gzipSync(images.subarray(0, 999)), gzipSync(images.subarray(999))]);
  await drop(page, [
    { name: 'qmnist-train-images.idx3-ubyte.gz', bytes: members },
    { name: 'qmnist-train-labels-idx2-int.gz', bytes: gzipSync(wideLabels(40)) },
    { name: 'qmnist-test-images-idx3-ubyte.gz', bytes: gzipSync(gzipSync(idxFiles(40).images)) },
  ]);
  await expect(page.getByText('Kept in this browser: 40 images with labels, 40 to test.')).toBeVisible();
  await expect(trained(page)).toHaveText('40');
  // “greatest” is no word for a test set; padding after gzip is none of the data.
  await drop(page, [
    { name: 'greatest-images.gz', bytes: Buffer.concat([gzipSync(images), Buffer.alloc(700)]) },
    { name: 'test-images', bytes: idxFiles(5).images },
  ]);
  await expect(page.getByText('Kept in this browser: 40 images, 5 to test.')).toBeVisible();
  // A single image is its own test.
  await drop(page, [{ name: 'one', bytes: idxFiles(1).images }]);
  await expect(page.getByText('Kept in this browser: 1 image.')).toBeVisible();
  await expect(trained(page)).toHaveText('1');
  await trainTo(page, 3);
});

test('with the storage full, files train in this page and are said to be gone after a reload', async ({
  page,
}) => {
  await page.addInitScript(() => {
    IDBObjectStore.prototype.put = () => {
      throw new DOMException('', 'QuotaExceededError');
    };
  });
  await open(page);
  const { images, labels } = idxFiles(400);
  await drop(page, [
    { name: 'train-images-idx3-ubyte', bytes: images },
    { name: 'train-labels-idx1-ubyte', bytes: labels },
  ]);
  await expect(page.getByText(/^In this page only:/)).toBeVisible();
  const told = page.getByRole('alert').filter({ hasText: 'The files are not kept' });
  await expect(told).toContainText('the space that the browser gives it is full');
  await expect(told).toContainText('After a reload they must be dropped or fetched again');
  await trainTo(page, 10);
  await page.reload();
  await expect(page.getByText(/^In this page only:|^Kept in this browser:/)).toHaveCount(0);
  await expect(page.getByText('Drop files or pictures here, or choose them')).toBeVisible();
});

test('images with labels that cannot be used are offered without them', async ({ page }) => {
  await open(page);
  await drop(page, [
    { name: 'letters-images', bytes: idxFiles(40).images },
    { name: 'letters-labels', bytes: labelsUpTo(26, 40) },
  ]);
  await expect(
    page.getByText('“letters-labels” holds labels up to 26; only 0 to 9 can be used'),
  ).toBeVisible();
  await expect(trained(page)).toHaveText('400');
  await page.getByRole('button', { name: 'Use the images without labels' }).click();
  await expect(page.getByText('Kept in this browser: 40 images.')).toBeVisible();
  await expect(trained(page)).toHaveText('36');
  await trainTo(page, 5);
});

test('the first images are shown and can be turned upright', async ({ page }) => {
  await open(page);
  await drop(page, [{ name: 'bars', bytes: idxFiles(40).images }]);
  const upright = page.getByRole('checkbox', { name: 'Turn upright' });
  await expect(upright).not.toBeChecked();
  // Whether the first bar lies: its ink is wider than high.
  const lies = (): Promise<boolean> =>
    page
      .getByRole('img', { name: 'The first images of your files' })
      .evaluate((canvas: HTMLCanvasElement) => {
        const { data } = canvas.getContext('2d')?.getImageData(0, 0, 28, 28) ?? { data: [] };
        const inked = Array.from({ length: 784 }, (_, at) => at).filter((at) => (data[4 * at + 3] ?? 0) > 0);
        const spread = (of: (at: number) => number): number =>
          Math.max(...inked.map(of)) - Math.min(...inked.map(of));
        return spread((at) => at % 28) > spread((at) => Math.floor(at / 28));
      });
  expect(await lies()).toBe(true);
  await upright.check();
  await expect.poll(lies).toBe(false);
  await expect(start(page)).toBeEnabled();
  await trainTo(page, 5);
  await page.reload();
  await expect(upright).toBeChecked({ timeout: 60_000 });
  // EMNIST is stored so, whatever it holds.
  await drop(page, [{ name: 'emnist-digits-train-images-idx3-ubyte', bytes: idxFiles(50).images }]);
  await expect(page.getByText('50 images')).toBeVisible();
  await expect(upright).toBeChecked();
  await drop(page, [{ name: 'bars', bytes: idxFiles(60).images }]);
  await expect(page.getByText('60 images')).toBeVisible();
  await expect(upright).not.toBeChecked();
});

const mnist = resolve(process.env.MNIST_DIR ?? '../shared/data/mnist');

test('the files of MNIST are MNIST whatever they are called', async ({ page }) => {
  test.skip(!existsSync(`${mnist}/train-images-idx3-ubyte.gz`), 'no MNIST to drop');
  test.slow();
  await open(page);
  await page.getByRole('radio', { name: 'MNIST' }).check();
  const names = ['t10k-labels-idx1', 'train-images-idx3', 'train-labels-idx1', 't10k-images-idx3'];
  await openFile(
    page,
    'Choose data files',
    names.map((name, at) => ({
      name: `download (${String(at)})`,
      bytes: readFileSync(`${mnist}/${name}-ubyte.gz`),
    })),
  );
  await expect(page.getByText('MNIST is kept in this browser')).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole('radio', { name: 'MNIST' })).toBeChecked();
  await expect(trained(page)).toHaveText('60,000', { timeout: 60_000 });
  await expect(start(page)).toBeEnabled();
});
