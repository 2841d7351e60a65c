// What the Train lab learns from: stroke digits, files, MNIST, the visitor's own drawings.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';

import { expect, test, type Locator } from '@playwright/test';

import {
  MIRRORS,
  drop,
  idxFiles,
  open,
  png,
  reset,
  start,
  stepsDone,
  trainTo,
  trainingTests,
  openOwnHand,
  SMALL,
} from './training';

trainingTests();

test('dropped IDX files are trained on, gzip or plain, and wrong ones are named', async ({ page }) => {
  await open(page);
  const { images, labels } = idxFiles(40);
  await drop(page, [
    { name: 'bars-labels.gz', bytes: gzipSync(labels) },
    { name: 'bars-images', bytes: images },
  ]);
  // A tenth is held out.
  await expect(page.getByTestId('images')).toHaveText('36');
  await expect(page.getByRole('radio', { name: 'Your files' })).toBeChecked();
  await expect(start(page)).toBeEnabled();
  await trainTo(page, 20);

  await drop(page, [{ name: 'letter.txt', bytes: new TextEncoder().encode('Dear all, no digits here.') }]);
  await expect(page.getByText('“letter.txt”: no IDX file of images or labels')).toBeVisible();
  await drop(page, [
    { name: 'images', bytes: images },
    { name: 'labels', bytes: idxFiles(39).labels },
  ]);
  await expect(page.getByText('40 images in “images” but 39 labels in “labels”')).toBeVisible();
  await expect(page.getByTestId('images')).toHaveText('36');

  // They are there again after a reload.
  await page.reload();
  await expect(page.getByTestId('images')).toHaveText('36', { timeout: 60_000 });
});

test('NumPy’s arrays and pictures are trained on, and what is wrong with them is told', async ({ page }) => {
  await open(page);
  const fixture = (name: string): { name: string; bytes: Uint8Array } => ({
    name,
    bytes: readFileSync(`tests/fixtures/numpy/${name}`),
  });
  await drop(page, [fixture('digits.npz')]);
  await expect(page.getByText('Kept in this browser: 12 images with labels, 3 to test.')).toBeVisible();
  await expect(page.getByTestId('images')).toHaveText('12');
  await expect(start(page)).toBeEnabled();
  await trainTo(page, 5);
  await page.reload();
  await expect(page.getByTestId('images')).toHaveText('12', { timeout: 60_000 });
  await drop(page, [fixture('columns.npy')]);
  await expect(page.getByText('“columns.npy”: the NumPy array is stored column by column')).toBeVisible();

  // Dark bars on white paper, twice the size: seen as they are to be, and exchanged.
  const bar = (row: number): Uint8Array => png(56, (_, y) => (y >> 1 === row ? 0 : 255));
  const bars = Array.from({ length: 20 }, (_, at) => ({ name: `${String(at)}.png`, bytes: bar(4 + at) }));
  await drop(page, bars);
  await expect(page.getByText('Kept in this browser: 20 images.')).toBeVisible();
  await expect(page.getByTestId('images')).toHaveText('18');
  const invert = page.getByRole('checkbox', { name: 'Invert' });
  await expect(invert).toBeChecked();
  /** Pixels with ink of the first ten. */
  const inked = (): Promise<number> =>
    page
      .getByRole('img', { name: 'The first images of your files' })
      .evaluate((canvas: HTMLCanvasElement) => {
        const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? {
          data: [],
        };
        return [...data].filter((value, at) => at % 4 === 3 && value > 127).length;
      });
  expect(await inked()).toBe(10 * 28);
  await invert.uncheck();
  await expect.poll(inked).toBe(10 * 27 * 28);
  await invert.check();
  await expect(start(page)).toBeEnabled();
  await trainTo(page, 5);

  await drop(page, [{ name: 'damaged.png', bytes: bar(4).subarray(0, 40) }]);
  await expect(page.getByText('“damaged.png” is damaged, or no picture')).toBeVisible();
  await expect(page.getByTestId('images')).toHaveText('18');
});

test('a folder of pictures is chosen, and its folders are the labels', async ({ page }, testInfo) => {
  await open(page);
  const folder = testInfo.outputPath('bars');
  for (let at = 0; at < 20; at += 1) {
    const part = `${folder}/${at < 15 ? 'training' : 'testing'}/${String(at % 10)}`;
    mkdirSync(part, { recursive: true });
    writeFileSync(
      `${part}/${String(at)}.png`,
      png(28, (_, y) => (y === 4 + at ? 255 : 0)),
    );
  }
  writeFileSync(`${folder}/README.txt`, 'Bars');
  await page.getByRole('radio', { name: 'Your files' }).check();
  await page.getByLabel('Choose a folder of pictures or files').setInputFiles(folder);
  await expect(page.getByText('Kept in this browser: 15 images with labels, 5 to test.')).toBeVisible();
  await expect(page.getByTestId('images')).toHaveText('15');
  await expect(page.getByRole('checkbox', { name: 'Invert' })).not.toBeChecked();
});

test('MNIST is asked for only by the button, and an unreachable mirror is said to be so', async ({
  page,
}) => {
  const asked: string[] = [];
  for (const host of MIRRORS) {
    await page.route(`https://${host}/**`, (route) => {
      asked.push(host);
      return host === MIRRORS[1]
        ? route.fulfill({
            body: gzipSync(Buffer.from('not MNIST')),
            headers: { 'access-control-allow-origin': '*' },
          })
        : route.abort();
    });
  }
  await open(page);
  await page.getByRole('radio', { name: 'MNIST' }).check();
  expect(asked).toEqual([]);
  await page.getByRole('button', { name: /^Fetch MNIST/ }).click();
  const message = page.getByText(/MNIST could not be fetched/);
  await expect(message).toContainText('raw.githubusercontent.com could not be reached');
  await expect(message).toContainText('storage.googleapis.com sent something else (wrong SHA-256)');
  await expect(page.getByLabel('Choose data files')).toBeAttached();
  expect(asked).toEqual(MIRRORS);
  // MNIST is still what was chosen: nothing starts on other digits in its place.
  await expect(start(page)).toBeDisabled();
  await expect(page.getByText(/MNIST is not in this browser yet: .* Training waits/)).toBeVisible();
  await page.getByRole('radio', { name: 'Stroke digits', exact: true }).check();
  await trainTo(page, 5);
});

const mnist = resolve(process.env.MNIST_DIR ?? '../shared/data/mnist');

test('MNIST from a mirror is checked, kept and trained on', async ({ page }) => {
  test.skip(!existsSync(`${mnist}/train-images-idx3-ubyte.gz`), 'no MNIST to serve');
  test.slow();
  let asked = 0;
  await page.route(`https://${MIRRORS[0]}/**`, (route) => {
    asked += 1;
    const name = new URL(route.request().url()).pathname.split('/').at(-1);
    const body = readFileSync(`${mnist}/${name}`);
    expect(gunzipSync(body).length).toBeGreaterThan(10_000);
    return route.fulfill({ body, headers: { 'access-control-allow-origin': '*' } });
  });
  await open(page);
  await page.getByRole('radio', { name: 'MNIST' }).check();
  await page.getByRole('button', { name: /^Fetch MNIST/ }).click();
  await expect(page.getByTestId('images')).toHaveText('60,000', { timeout: 60_000 });
  await expect(start(page)).toBeEnabled();
  await trainTo(page, 20);
  expect(asked).toBe(4);
  await page.reload();
  await expect(page.getByTestId('images')).toHaveText('60,000', { timeout: 60_000 });
  expect(asked, 'kept from the first time').toBe(4);
});

test('own drawings join the data and leave it again; they have a label only if the visitor says so', async ({
  page,
}) => {
  await open(page);
  await expect(page.getByTestId('images')).toHaveText('400');
  await openOwnHand(page);
  const draw = async (): Promise<void> => {
    const canvas = page.getByLabel('Draw a digit to add');
    await canvas.scrollIntoViewIfNeeded();
    const box = await canvas.boundingBox();
    if (!box) throw new Error('no canvas');
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 4);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2, box.y + (3 * box.height) / 4, { steps: 8 });
    await page.mouse.up();
  };
  const label = page.getByRole('combobox', { name: 'It is a' });
  await expect(label).toHaveValue('');
  const add = page.getByRole('button', { name: 'Add this drawing' });
  await draw();
  // The button is beside the canvas, so that twenty drawings need no scrolling.
  const [field, button] = [
    await page.getByLabel('Draw a digit to add').boundingBox(),
    await add.boundingBox(),
  ];
  if (!field || !button) throw new Error('not on the page');
  expect(button.x).toBeGreaterThanOrEqual(field.x + field.width);
  expect(button.x - (field.x + field.width)).toBeLessThan(200);
  expect(button.y).toBeLessThan(field.y + field.height);
  expect(button.y + button.height).toBeGreaterThan(field.y);
  await label.selectOption('1');
  await add.click();
  const items = page.getByRole('list', { name: 'Your drawings in the data' }).getByRole('listitem');
  await expect(items).toHaveCount(1);
  await expect(label).toHaveValue('');
  await draw();
  await add.click();
  await expect(items).toHaveCount(2);
  await expect(page.getByTestId('images')).toHaveText('440');
  await trainTo(page, 5);
  await page.reload();
  await expect(page.getByTestId('images')).toHaveText('440', { timeout: 60_000 });
  await page.getByRole('button', { name: 'Remove your drawing of a 1' }).click();
  await expect(page.getByTestId('images')).toHaveText('420');
  await page.getByRole('button', { name: 'Remove your drawing without a label' }).click();
  await expect(page.getByTestId('images')).toHaveText('400');
});

test('a run on files that were replaced meanwhile asks before it goes on with others', async ({ page }) => {
  await open(page);
  await drop(page, [{ name: 'bars-images', bytes: idxFiles(40).images }]);
  await expect(page.getByTestId('images')).toHaveText('36');
  await expect(start(page)).toBeEnabled();
  await trainTo(page, 20);
  const steps = await stepsDone(page);
  await drop(page, [{ name: 'bars-images', bytes: idxFiles(60).images }]);
  await expect(page.getByText('60 images')).toBeVisible();
  await page.reload();
  await expect(start(page)).toBeEnabled({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Resume run' }).click();
  const question = page.getByRole('dialog').filter({ hasText: 'The data of this run have changed' });
  await question.getByRole('button', { name: 'Keep everything as it is' }).click();
  expect(await stepsDone(page)).toBe(0);
  await page.getByRole('button', { name: 'Resume run' }).click();
  await question.getByRole('button', { name: 'Go on with the present data' }).click();
  await expect.poll(() => stepsDone(page)).toBeGreaterThan(steps);
  await expect(page.getByTestId('images')).toHaveText('54');
});

test('a file dropped anywhere on the page is taken or refused with a word', async ({ page }) => {
  await page.goto('#lab=draw');
  const canvas = page.getByLabel('Drawing canvas');
  await expect(canvas).toBeVisible();
  await drop(page, [{ name: 'letter.txt', bytes: new TextEncoder().encode('Dear all') }], canvas);
  await expect(page.getByText('“letter.txt”')).toBeVisible({ timeout: 60_000 });
  await page.getByRole('tab', { name: 'Sample' }).click();
  await drop(page, [{ name: 'bars-images', bytes: idxFiles(40).images }], page.locator('header').first());
  await expect(page.getByTestId('images')).toHaveText('36', { timeout: 60_000 });
  await expect(start(page)).toBeEnabled();

  /** What the page answers to a drag over a place, and to letting go: a browser opens the file where nothing prevents it. */
  const answers = (place: Locator, files: boolean): Promise<boolean[]> =>
    place.evaluate((element, files) => {
      const dataTransfer = new DataTransfer();
      if (files) dataTransfer.items.add(new File(['Dear all'], 'letter.txt'));
      else dataTransfer.setData('text/plain', 'Dear all');
      return ['dragover', 'drop'].map((kind) => {
        const event = new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true });
        element.dispatchEvent(event);
        return event.defaultPrevented;
      });
    }, files);
  // Text that is dragged is the browser's own matter.
  expect(await answers(page.locator('body'), false)).toEqual([false, false]);
  for (const place of [page.locator('body'), page.locator('header').first(), canvas]) {
    expect(await answers(place, true)).toEqual([true, true]);
  }
});

test('stroke digits are new ones without end unless a fixed set is asked for', async ({ page }) => {
  await open(page, 'hidden:~32,batchSize:32');
  await expect(page.getByRole('radio', { name: 'new ones without end' })).toBeChecked();
  await expect(page.getByText('digits at a time, always new ones')).toBeVisible();
  await trainTo(page, 20);
  await page.getByRole('radio', { name: 'a fixed set' }).check();
  await expect(page.getByText('The settings have changed')).toBeVisible();
  await reset(page).click();
  await expect(page.getByTestId('images')).toHaveText('10,000', { timeout: 60_000 });
  expect(page.url()).toContain('images%3A10000');
});

test('what the visitor’s own digits change is shown on a drawing that is not among them', async ({
  page,
}) => {
  await page.goto(`#lab=train&train=${SMALL}&d=wAQGgBCAEIAgAACAIA`);
  await expect(start(page)).toBeEnabled({ timeout: 60_000 });
  await trainTo(page, 20);
  const strip = page.getByRole('region', { name: 'Your drawing through training' });
  const figure = async (locator: Locator): Promise<number> =>
    Number((await locator.innerText()).replace('−', '-').replace(' nats', ''));
  const atFirst = await figure(strip.locator('.now .muted'));
  const compared = page.getByRole('region', { name: 'Your own hand, before and after' });
  await expect(compared).toHaveCount(0);
  await openOwnHand(page);
  const canvas = page.getByLabel('Draw a digit to add');
  await canvas.scrollIntoViewIfNeeded();
  const box = await canvas.boundingBox();
  if (!box) throw new Error('no canvas');
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 4);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2, box.y + (3 * box.height) / 4, { steps: 8 });
  await page.mouse.up();
  await page.getByRole('button', { name: 'Add this drawing' }).click();
  const captions = compared.locator('figcaption .muted');
  await expect(captions).toHaveCount(2);
  expect(await figure(captions.first()), 'the model before is the one that was there').toBe(atFirst);
  await trainTo(page, 80);
  expect(await figure(captions.first()), 'and stays as it was').toBe(atFirst);
  // Training may stop between the reading of one and of the other.
  await expect(async () => {
    const now = await figure(captions.last());
    const gain = Number((await compared.getByTestId('own-hand-gain').innerText()).replace('−', '-'));
    expect(Math.abs(gain - (now - atFirst))).toBeLessThan(0.16);
  }).toPass();
});
