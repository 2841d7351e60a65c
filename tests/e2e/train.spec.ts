// The Train lab on the built site: a model learns in the tab, and nothing that happens to it is lost.
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';

import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Locator, type Page, test, type Worker } from '@playwright/test';

/** Small, so that every test trains in seconds on a slow machine. */
const SMALL = 'images:400,hidden:~32,batchSize:32';
const MIRRORS = ['raw.githubusercontent.com', 'storage.googleapis.com', 'ossci-datasets.s3.amazonaws.com'];

async function open(page: Page, options = SMALL): Promise<void> {
  await page.goto(`#lab=train&train=${options}`);
  await expect(start(page)).toBeEnabled({ timeout: 60_000 });
}

const start = (page: Page): Locator => page.getByRole('button', { name: 'Start training', exact: true });
const pause = (page: Page): Locator => page.getByRole('button', { name: 'Pause training', exact: true });
const stepButton = (page: Page): Locator => page.getByRole('button', { name: 'Step', exact: true });
const reset = (page: Page): Locator => page.getByRole('button', { name: 'Reset model', exact: true });

async function stepsDone(page: Page): Promise<number> {
  return Number((await page.getByTestId('step').innerText()).replaceAll(',', ''));
}

async function nats(page: Page, measure: string): Promise<number> {
  return Number((await page.getByTestId(`held-out-${measure}`).innerText()).replace('−', '-'));
}

async function trainTo(page: Page, steps: number): Promise<void> {
  await start(page).click();
  await expect.poll(() => stepsDone(page), { timeout: 180_000 }).toBeGreaterThanOrEqual(steps);
  await pause(page).click();
  await expect(start(page)).toBeEnabled();
}

/** The last values of the curves, to a hundredth of a nat. */
async function curves(page: Page): Promise<string> {
  const texts = await page
    .locator('.chart + span')
    .evaluateAll((spans) => spans.map((span) => span.textContent));
  return texts.join(' | ');
}

function openFile(page: Page, input: string, files: { name: string; bytes: Uint8Array }[]): Promise<void> {
  return page.getByLabel(input).setInputFiles(
    files.map(({ name, bytes }) => ({
      name,
      mimeType: 'application/octet-stream',
      buffer: Buffer.from(bytes),
    })),
  );
}

/** As a hand does it: dragged over the lab and let go. */
async function drop(page: Page, files: { name: string; bytes: Uint8Array }[]): Promise<void> {
  const transfer = await page.evaluateHandle(
    (all) => {
      const data = new DataTransfer();
      for (const { name, bytes } of all) data.items.add(new File([Uint8Array.from(bytes)], name));
      return data;
    },
    files.map(({ name, bytes }) => ({ name, bytes: [...bytes] })),
  );
  const lab = page.getByRole('group', { name: 'Training', exact: true });
  await lab.dispatchEvent('dragenter', { dataTransfer: transfer });
  await lab.dispatchEvent('dragover', { dataTransfer: transfer });
  await lab.dispatchEvent('drop', { dataTransfer: transfer });
}

/** Bars that no digit looks like, as IDX files. */
function idxFiles(count: number): { images: Uint8Array; labels: Uint8Array } {
  const images = Buffer.alloc(16 + count * 784);
  [0x803, count, 28, 28].forEach((value, at) => images.writeUInt32BE(value, 4 * at));
  for (let image = 0; image < count; image += 1) {
    const row = 16 + image * 784 + (4 + (image % 20)) * 28;
    images.fill(255, row, row + 56);
  }
  const labels = Buffer.alloc(8 + count);
  [0x801, count].forEach((value, at) => labels.writeUInt32BE(value, 4 * at));
  for (let image = 0; image < count; image += 1) labels[8 + image] = image % 10;
  return { images, labels };
}

async function trainingWorker(page: Page): Promise<Worker> {
  for (const worker of page.workers()) {
    if (/^train:/.test(await worker.evaluate(() => self.name))) return worker;
  }
  throw new Error('no worker trains');
}

// Every test waits for the engine, for digits to be drawn and for real training.
test.describe.configure({ timeout: 300_000 });

test.beforeEach(({ page }) => {
  page.on('request', (request) => {
    const host = new URL(request.url()).hostname;
    if (host !== '127.0.0.1' && host !== '' && !MIRRORS.includes(host)) {
      throw new Error(`the page asked ${host}`);
    }
  });
});

test('300 steps raise the ELBO; a pause, a reload and the run goes on', async ({ page }) => {
  await open(page);
  const before = await nats(page, 'elbo');
  expect(before).toBeLessThan(-150);
  await trainTo(page, 300);

  const after = await nats(page, 'elbo');
  expect(after, `from ${before} nats`).toBeGreaterThan(before + 15);
  expect(await nats(page, 'kl')).toBeGreaterThan(1);
  // Rounded to a tenth each.
  expect(Math.abs((await nats(page, 'reconstruction')) - (await nats(page, 'kl')) - after)).toBeLessThan(
    0.16,
  );

  const steps = await stepsDone(page);
  await page.waitForTimeout(400);
  expect(await stepsDone(page), 'nothing moves while paused').toBe(steps);
  const shown = await curves(page);
  await expect(page.getByRole('button', { name: 'Kept in this browser' })).toBeVisible();

  await page.reload();
  const offer = page.getByRole('region', { name: 'Saved run' });
  await expect(offer).toContainText(steps.toLocaleString('en'));
  await expect(offer).toContainText('nats');
  await offer.getByRole('button', { name: 'Resume run' }).click();
  await expect.poll(() => stepsDone(page)).toBeGreaterThan(steps + 10);
  await pause(page).click();
  await expect(start(page)).toBeEnabled();
  expect(await nats(page, 'elbo')).toBeGreaterThan(before + 15);
  expect(await curves(page)).not.toBe(shown);
  expect(page.url()).toContain('images%3A400');

  await page.reload();
  await page.getByRole('region', { name: 'Saved run' }).getByRole('button', { name: 'Discard' }).click();
  await expect(offer).toHaveCount(0);
});

test('a reset gives the same initial weights, another seed others', async ({ page }) => {
  await open(page);
  const threeSteps = async (): Promise<string[]> => {
    const found = [await curves(page)];
    for (let step = 1; step <= 3; step += 1) {
      await stepButton(page).click();
      await expect.poll(() => stepsDone(page)).toBe(step);
      // The step is counted at once; its curves follow when the held-out images have been looked at.
      await expect.poll(() => curves(page)).not.toBe(found.at(-1));
      found.push(await curves(page));
    }
    return found;
  };
  const first = await threeSteps();
  expect(new Set(first).size, 'the curves move').toBe(4);
  await reset(page).click();
  await expect.poll(() => stepsDone(page)).toBe(0);
  await expect(stepButton(page)).toBeEnabled();
  // The run before is in the charts now, named before the two curves of this run.
  const normal = (texts: string[]): string[] =>
    texts.map((text) => text.replaceAll(/run before[^;]*; /g, ''));
  expect(normal(await threeSteps())).toEqual(normal(first));

  await page.getByRole('textbox', { name: 'Seed', exact: true }).fill('2');
  await page.keyboard.press('Enter');
  await expect(page.getByText('The settings have changed')).toBeVisible();
  await reset(page).click();
  await expect.poll(() => stepsDone(page)).toBe(0);
  await expect(stepButton(page)).toBeEnabled();
  expect(normal(await threeSteps())).not.toEqual(normal(first));
  await expect.poll(() => page.url()).toContain('seed%3A2');
});

test('a corrupt checkpoint is refused with a reason and the run stays', async ({ page }) => {
  await open(page);
  await trainTo(page, 30);
  const steps = await stepsDone(page);
  const shown = await curves(page);

  await openFile(page, 'Open checkpoint', [
    { name: 'broken.safetensors', bytes: new TextEncoder().encode('this is not a model at all') },
  ]);
  await expect(page.getByText(/not a whole safetensors/)).toBeVisible();
  expect(await stepsDone(page)).toBe(steps);
  expect(await curves(page)).toBe(shown);

  // A real one, cut short, dropped while training runs.
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download checkpoint' }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^vae-2d-step-\d+\.safetensors$/);
  const bytes = readFileSync(await download.path());
  await start(page).click();
  await drop(page, [{ name: 'cut.safetensors', bytes: bytes.subarray(0, 2_000) }]);
  await expect(page.getByText(/not a whole safetensors/)).toBeVisible();
  await expect.poll(() => stepsDone(page)).toBeGreaterThan(steps + 5);
  await pause(page).click();

  // The whole one brings its run back, into a page that knows nothing.
  await page.goto('about:blank');
  await open(page, 'images:400');
  await openFile(page, 'Open checkpoint', [{ name: 'whole.safetensors', bytes }]);
  await expect.poll(() => stepsDone(page)).toBe(steps);
  await expect(page.getByRole('textbox', { name: 'Hidden layers' })).toHaveValue('32');
  await trainTo(page, steps + 10);
});

test('a training worker that dies is replaced and goes on from its checkpoint', async ({ page }) => {
  await open(page);
  await trainTo(page, 40);
  const kept = await stepsDone(page);
  await start(page).click();
  await expect.poll(() => stepsDone(page)).toBeGreaterThan(kept + 10);
  const worker = await trainingWorker(page);
  await worker.evaluate(() => {
    setTimeout(() => {
      throw new Error('the test ends it');
    });
  });
  const notice = page.getByText(/The training worker stopped .* was restarted/);
  await expect(notice).toContainText('the test ends it');
  await expect(notice).toContainText(/step \d/);
  await expect.poll(() => stepsDone(page)).toBeGreaterThan(kept + 5);
  await expect(pause(page)).toBeVisible();
  expect(await trainingWorker(page)).not.toBe(worker);
  await pause(page).click();
  await expect(start(page)).toBeEnabled();
});

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
  await expect(page.getByText('“letter.txt” is no IDX file')).toBeVisible();
  await drop(page, [
    { name: 'images', bytes: images },
    { name: 'labels', bytes: idxFiles(39).labels },
  ]);
  await expect(page.getByText('40 images but 39 labels')).toBeVisible();
  await expect(page.getByTestId('images')).toHaveText('36');

  // They are there again after a reload.
  await page.reload();
  await expect(page.getByTestId('images')).toHaveText('36', { timeout: 60_000 });
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
  await expect(page.getByLabel('Choose IDX files')).toBeAttached();
  expect(asked).toEqual(MIRRORS);
  // The run on stroke digits is untouched.
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

test('own drawings join the data and leave it again', async ({ page }) => {
  await open(page);
  await expect(page.getByTestId('images')).toHaveText('400');
  const canvas = page.getByLabel('Drawing canvas');
  const box = await canvas.boundingBox();
  if (!box) throw new Error('no canvas');
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 4);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2, box.y + (3 * box.height) / 4, { steps: 8 });
  await page.mouse.up();
  await page.getByRole('combobox', { name: 'It is a' }).selectOption('1');
  const add = page.getByRole('button', { name: 'Add this drawing' });
  await expect(add).toBeEnabled();
  await add.click();
  await expect(
    page.getByRole('list', { name: 'Your drawings in the data' }).getByRole('listitem'),
  ).toHaveCount(1);
  await expect(page.getByTestId('images')).toHaveText('420');
  await trainTo(page, 5);
  await page.reload();
  await expect(page.getByTestId('images')).toHaveText('420', { timeout: 60_000 });
  await page.getByRole('button', { name: 'Remove your drawing of a 1' }).click();
  await expect(page.getByTestId('images')).toHaveText('400');
});

test('the trained model becomes the page’s', async ({ page }) => {
  await open(page);
  await trainTo(page, 60);
  await page.getByRole('button', { name: 'Use this model on the page' }).click();
  await expect(page.getByRole('button', { name: /^Model: trained in this tab/ })).toBeVisible();
  const inked = (): Promise<number> =>
    page
      .getByRole('img', { name: 'Reconstruction', exact: true })
      .evaluate((canvas: HTMLCanvasElement) =>
        Array.from(canvas.getContext('2d')?.getImageData(0, 0, 28, 28).data ?? []).reduce(
          (sum, value, at) => sum + (at % 4 === 3 ? value : 0),
          0,
        ),
      );
  await expect.poll(inked).toBeGreaterThan(2_000);
});

test('a learning rate beyond all reason is caught, halved and said', async ({ page }) => {
  await open(page, 'images:400,hidden:~64~64,learningRate:1');
  await start(page).click();
  await expect(page.getByText(/Numbers stopped being finite/)).toBeVisible({ timeout: 60_000 });
  const rate = Number(await page.getByRole('textbox', { name: 'Learning rate', exact: true }).inputValue());
  expect(rate).toBeLessThanOrEqual(0.5);
  expect(rate).toBeGreaterThan(0);
});

test('the keyboard alone trains', async ({ page }) => {
  await open(page);
  await start(page).focus();
  await page.keyboard.press('Enter');
  await expect(pause(page)).toBeFocused();
  await expect.poll(() => stepsDone(page)).toBeGreaterThan(5);
  await page.keyboard.press('Enter');
  await expect(start(page)).toBeFocused();
  const steps = await stepsDone(page);
  await page.keyboard.press('Tab');
  await expect(stepButton(page)).toBeFocused();
  await page.keyboard.press('Enter');
  await expect.poll(() => stepsDone(page)).toBe(steps + 1);
});

test('the page stays free while a model trains', async ({ page, browser }) => {
  await open(page);
  await start(page).click();
  await expect.poll(() => stepsDone(page)).toBeGreaterThan(50);
  await browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline'] });
  await page.waitForTimeout(4_000);
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as {
    traceEvents: { name: string; pid: number; tid: number; tdur?: number; args: { name?: string } }[];
  };
  const main = new Set(
    traceEvents
      .filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid} ${tid}`),
  );
  // Time on the processor, in milliseconds: a busy machine must not fail the page.
  const tasks = traceEvents
    .filter(({ name, pid, tid }) => name.endsWith('RunTask') && main.has(`${pid} ${tid}`))
    .map(({ tdur = 0 }) => tdur / 1_000);
  expect(tasks.length).toBeGreaterThan(100);
  expect(Math.max(...tasks)).toBeLessThan(50);
});

test('axe finds no serious fault in the lab', async ({ page }) => {
  await open(page);
  await trainTo(page, 10);
  const { violations } = await new AxeBuilder({ page }).analyze();
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  expect(serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
});
