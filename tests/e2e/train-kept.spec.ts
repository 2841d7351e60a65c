// Training runs on the built site: nothing that happens to one loses it.
import { readFileSync } from 'node:fs';

import { expect, type Page, test } from '@playwright/test';

import {
  SMALL,
  reset,
  stepButton,
  curves,
  drop,
  nats,
  open,
  openFile,
  pause,
  start,
  stepsDone,
  trainTo,
  trainingTests,
  trainingWorker,
} from './training';

trainingTests();

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

test('a corrupt checkpoint is refused with a reason and the run stays', async ({ page }) => {
  await open(page);
  await trainTo(page, 30);
  const steps = await stepsDone(page);
  const shown = await curves(page);

  await openFile(page, 'Open checkpoint', [
    { name: 'broken.safetensors', bytes: new TextEncoder().encode('this is not a model at all') },
  ]);
  await expect(page.getByText(/no checkpoint in the safetensors format/)).toBeVisible();
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
  await expect(page.getByText(/no checkpoint in the safetensors format/)).toBeVisible();
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

/** The step that the page offers to go on from. */
async function offeredSteps(page: Page): Promise<number> {
  const text = await page.getByRole('region', { name: 'Saved run' }).innerText();
  return Number(/([\d,]+) steps/.exec(text)?.[1]?.replaceAll(',', '') ?? NaN);
}

test('two tabs that train at once keep both runs, and both are offered', async ({ page, context }) => {
  await open(page);
  const other = await context.newPage();
  await open(other, `${SMALL},seed:2`);
  await trainTo(page, 30);
  await trainTo(other, 60);
  const [one, two] = [await stepsDone(page), await stepsDone(other)];
  await other.close();
  await page.reload();
  const offer = page.getByRole('region', { name: 'Saved run' });
  await expect(offer).toContainText(`${two.toLocaleString('en')} steps`);
  await offer.getByText('More kept runs (1)').click();
  await offer.getByRole('button', { name: `Resume the run of ${one.toLocaleString('en')} steps` }).click();
  await expect.poll(() => stepsDone(page)).toBeGreaterThan(one);
  await pause(page).click();
  await expect(start(page)).toBeEnabled();
  expect(page.url()).not.toContain('seed%3A2');
  await expect(page.getByText('Other runs kept in this browser (1)')).toBeVisible();
});

test('a run that is open in another tab goes on as a copy, and both stay', async ({ page, context }) => {
  await open(page);
  await trainTo(page, 30);
  const kept = await stepsDone(page);
  const other = await context.newPage();
  await open(other);
  await other.getByRole('button', { name: 'Resume run' }).click();
  await expect(other.getByText('This run is open in another tab.')).toBeVisible();
  await expect.poll(() => stepsDone(other)).toBeGreaterThan(kept + 20);
  await pause(other).click();
  await expect(start(other)).toBeEnabled();
  const copied = await stepsDone(other);
  await stepButton(page).click();
  await expect.poll(() => stepsDone(page)).toBe(kept + 1);
  await other.reload();
  expect(await offeredSteps(other)).toBe(copied);
  await other.getByText('More kept runs (1)').click();
  await expect(
    other.getByRole('button', { name: `Resume the run of ${kept.toLocaleString('en')} steps` }),
  ).toBeVisible();
});

test('a page that is left while it trains loses a few seconds at most', async ({ page }) => {
  await open(page);
  await start(page).click();
  await expect.poll(() => stepsDone(page)).toBeGreaterThan(20);
  await page.waitForTimeout(9_000);
  const left = await stepsDone(page);
  const rate = left / 9;
  await page.goto('about:blank');
  await page.goto('#lab=train');
  await expect(start(page)).toBeEnabled({ timeout: 60_000 });
  const offered = await offeredSteps(page);
  expect(offered).toBeGreaterThan(left - 6 * rate);
});

test('what the browser keeps is cleared while a run trains: told, and the next save lands', async ({
  page,
}) => {
  await open(page);
  await start(page).click();
  await expect(page.getByRole('button', { name: 'Kept in this browser' })).toBeVisible();
  const client = await page.context().newCDPSession(page);
  await client.send('Storage.clearDataForOrigin', {
    origin: new URL(page.url()).origin,
    storageTypes: 'indexeddb',
  });
  await expect(page.getByText('The browser closed this page’s storage')).toBeVisible();
  const cleared = await stepsDone(page);
  await page.waitForTimeout(6_000);
  await pause(page).click();
  await expect(start(page)).toBeEnabled();
  await page.reload();
  await expect(page.getByRole('region', { name: 'Saved run' })).toBeVisible({ timeout: 60_000 });
  expect(await offeredSteps(page)).toBeGreaterThan(cleared);
});

test('with the storage full the reason is said, and the run is not thrown away unasked', async ({ page }) => {
  await page.addInitScript(() => {
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (...given) {
      if ((window as { full?: boolean }).full) throw new DOMException('', 'QuotaExceededError');
      return put.apply(this, given);
    };
  });
  await open(page);
  await page.evaluate(() => ((window as { full?: boolean }).full = true));
  await trainTo(page, 20);
  await expect(page.getByText(/This run is not kept: .* full/)).toBeVisible();
  const steps = await stepsDone(page);
  await reset(page).click();
  const question = page.getByRole('dialog').filter({ hasText: 'is not kept in this browser' });
  await question.getByRole('button', { name: 'Keep everything as it is' }).click();
  expect(await stepsDone(page)).toBe(steps);
  // A file that is opened asks too: weights and whole runs alike.
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download checkpoint' }).click(),
  ]);
  const run = readFileSync(await download.path());
  const weights = readFileSync('www/public/models/strokes-2d.safetensors');
  for (const bytes of [run, weights]) {
    await openFile(page, 'Open checkpoint', [{ name: 'other.safetensors', bytes }]);
    await question.getByRole('button', { name: 'Keep everything as it is' }).click();
    expect(await stepsDone(page)).toBe(steps);
  }
  await page.getByRole('button', { name: 'Tiny model' }).click();
  await question.getByRole('button', { name: 'Throw it away' }).click();
  await expect.poll(() => stepsDone(page)).not.toBe(steps);
  await page.evaluate(() => ((window as { full?: boolean }).full = false));
  await expect(page.getByText(/This run is not kept/)).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Kept in this browser' })).toBeVisible();
});
