// What people do who do not wait: press twice, switch at once, leave and come back, hand in the wrong thing.
import { expect, test, type Locator, type Page } from '@playwright/test';

import { opacities, reconstruction, settled } from './canvas';

test.use({ contextOptions: { reducedMotion: 'reduce' } });

/** Small, so that training begins within a second or two on a slow machine. */
const SMALL = 'images:400,hidden:~32,batchSize:32';

const button = (page: Page, name: string): Locator => page.getByRole('button', { name, exact: true });
const tab = (page: Page, name: string): Locator => page.getByRole('tab', { name, exact: true });
const toast = (page: Page): Locator => page.locator('.toast');
const problem = (page: Page): Locator => page.locator('.notice.problem');
const exactEvidence = (page: Page): Locator => page.locator('.evidence [data-settled]');

async function openTraining(page: Page): Promise<void> {
  await page.goto(`#lab=train&train=${SMALL}`);
  await expect(button(page, 'Start training')).toBeEnabled({ timeout: 60_000 });
}

async function expectSteps(page: Page, steps: number): Promise<void> {
  const done = async (): Promise<number> =>
    Number((await page.getByTestId('step').innerText()).replaceAll(',', ''));
  await expect.poll(done, { timeout: 60_000 }).toBeGreaterThan(steps);
}

test('models of other sizes take over without a word of complaint', async ({ page }) => {
  await page.goto('#lab=draw');
  await settled(reconstruction(page));
  for (const name of [/32 latents/, /Stroke digits, 2/, /MNIST, 2 latents(?!, β)/]) {
    await page.getByRole('button', { name: /^model/i }).click();
    await page.getByRole('group', { name: 'Models' }).getByRole('button', { name }).click();
    await expect(exactEvidence(page)).toHaveAttribute('data-settled', 'true', { timeout: 60_000 });
  }
  await expect(toast(page)).toHaveCount(0);
});

test('a single press of the pen shows a dot, and its log p(x) is found', async ({ page }) => {
  await page.goto('');
  await settled(reconstruction(page));
  await button(page, 'Clear drawing').click();
  const canvas = page.getByLabel('Drawing canvas');
  await expect.poll(async () => Math.max(...(await opacities(canvas)))).toBe(0);
  const box = await canvas.boundingBox();
  await page.mouse.click((box?.x ?? 0) + 80, (box?.y ?? 0) + 90);
  await expect.poll(async () => Math.max(...(await opacities(canvas)))).toBe(255);
  // Its posterior lies mostly beyond the map.
  await expect(exactEvidence(page)).toHaveAttribute('data-settled', 'true', { timeout: 60_000 });
  await expect(exactEvidence(page)).toHaveText(/^\s*−\d+\.\d\d/);
  await expect(toast(page)).toHaveCount(0);
});

test('a model on the page follows into the next experiment', async ({ page }) => {
  await openTraining(page);
  await button(page, 'Start training').click();
  await expectSteps(page, 5);
  await page.getByRole('checkbox', { name: 'the page follows while it trains' }).check();
  await expect(button(page, 'Update the model on the page')).toBeVisible();
  await button(page, 'Tiny model').click();
  await expectSteps(page, 5);
  await button(page, '8 latents').dblclick();
  await expect(page).toHaveURL(/train=images%3A400%2Clatents%3A8(&|$)/);
  await expectSteps(page, 5);
  await expect(problem(page)).toHaveCount(0);
});

test('the drawing’s past stays when the lab is left and opened again', async ({ page }) => {
  await openTraining(page);
  const frames = page.getByRole('region', { name: 'Your drawing through training' }).getByRole('listitem');
  await button(page, 'Start training').click();
  await expectSteps(page, 12);
  await button(page, 'Pause training').click();
  await expect(button(page, 'Start training')).toBeEnabled();
  const before = await frames.count();
  expect(before).toBeGreaterThan(3);
  await tab(page, 'Map').click();
  await tab(page, 'Train').click();
  await expect(frames).toHaveCount(before);
});

test('a file that is no checkpoint is named where the visitor looks', async ({ page }) => {
  await openTraining(page);
  await page.getByLabel('Open checkpoint').setInputFiles({
    name: 'holiday.txt',
    mimeType: 'text/plain',
    buffer: Buffer.from('no weights in here'),
  });
  await expect(problem(page)).toContainText('holiday.txt');
  await expect(problem(page)).toBeInViewport();
});

test('clearing the drawing stops the path that was playing', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'no-preference' });
  await page.goto('#lab=interpolate');
  await settled(reconstruction(page));
  await button(page, 'Play').click();
  await expect(button(page, 'Pause')).toBeVisible();
  await button(page, 'Clear drawing').click();
  await expect(button(page, 'Play')).toBeDisabled();
});

test('a damaged link says what it could not bring', async ({ page }) => {
  await page.goto('#lab=nowhere&model=nobody&d=***');
  await expect(toast(page)).toContainText('drawing cannot be read');
  await expect(toast(page)).toContainText('nowhere');
  await expect(toast(page)).toContainText('nobody');
  await settled(reconstruction(page));
});
