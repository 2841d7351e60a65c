// The page as a whole: the first view, links, models, accessibility, and what it must never do.
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';

import { largestDifference, opacities, reconstruction, settled } from './canvas';
import { draw } from './pen';

const LABS = [
  ...['draw', 'sample', 'interpolate', 'map', 'train'],
  ...['likelihood', 'posterior', 'repair', 'compare', 'story'],
];
const seen = (page: Page) => page.getByRole('img', { name: 'What the model sees', exact: true });

/** Everything that must not happen, collected. */
function trouble(page: Page, origin: string): string[] {
  const found: string[] = [];
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !/^(?:data|blob):/.test(url)) found.push(`asked for ${url}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) found.push(`${response.status()} for ${response.url()}`);
  });
  page.on('pageerror', (error) => found.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') found.push(message.text());
  });
  return found;
}

test('the first view draws a digit, colours the map and redraws it, with nothing touched', async ({
  page,
  baseURL,
}) => {
  const found = trouble(page, baseURL ?? '');
  await page.goto('');
  const picture = await settled(reconstruction(page));
  expect(picture.filter((value) => value > 127).length).toBeGreaterThan(20);
  expect(await reconstruction(page).evaluate((element: HTMLCanvasElement) => element.width)).toBe(28);
  expect(await seen(page).evaluate((element: HTMLCanvasElement) => element.width)).toBe(28);
  await expect(page.getByText('log p(x), exact').first()).toBeVisible();
  for (const lab of LABS) {
    await page.getByRole('tab', { name: new RegExp(`^${lab}$`, 'i') }).click();
    await expect(page.getByRole('tabpanel')).toBeVisible();
  }
  expect(found).toEqual([]);
});

test('the names that scripts and screen readers rely on are each one element’s alone', async ({ page }) => {
  await page.goto('');
  await settled(reconstruction(page));
  for (const lab of LABS) {
    await page.getByRole('tab', { name: new RegExp(`^${lab}$`, 'i') }).click();
    await expect(page.getByRole('tabpanel')).toBeVisible();
    for (const name of ['Drawing canvas', 'Latent map']) {
      await expect(page.getByLabel(name), `${name} beside ${lab}`).toHaveCount(1);
    }
    for (const name of ['Reconstruction', 'What the model sees']) {
      await expect(page.getByRole('img', { name }), `${name} beside ${lab}`).toHaveCount(1);
    }
    const buttons = ['Clear drawing', 'Undo'];
    if (lab === 'train') buttons.push('Start training', 'Step', 'Reset model');
    for (const name of buttons) {
      await expect(page.getByRole('button', { name, exact: true }), `${name} beside ${lab}`).toHaveCount(1);
    }
  }
});

test('a link brings back drawing, model and lab', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.goto('#lab=map&model=mnist-32d');
  await settled(reconstruction(page));
  await page.getByRole('button', { name: 'Clear drawing', exact: true }).click();
  await expect.poll(async () => Math.max(...(await opacities(seen(page))))).toBe(0);
  await draw(page, 5);
  const drawn = await settled(seen(page));
  const redrawn = await settled(reconstruction(page));
  await expect(page).toHaveURL(/[#&]d=/);
  const other = await page.context().newPage();
  await other.emulateMedia({ reducedMotion: 'reduce' });
  await other.goto(page.url());
  await expect.poll(async () => largestDifference(await settled(seen(other)), drawn)).toBe(0);
  await expect
    .poll(async () => largestDifference(await settled(reconstruction(other)), redrawn))
    .toBeLessThanOrEqual(1);
  await expect(other.getByRole('tab', { name: 'Map' })).toHaveAttribute('aria-selected', 'true');
  await expect(other.getByText('MNIST, 32 latents').first()).toBeVisible();
});

test('nonsense in the address is ignored', async ({ page, baseURL }) => {
  const found = trouble(page, baseURL ?? '');
  await page.goto('#lab=%00&model=none&seed=-1e99&d=!!!!&train=batchSize:frog&x=&sample=temperature:hot');
  await settled(reconstruction(page));
  expect(found).toEqual([]);
});

test('every model of the catalogue answers, with its figures', async ({ page, request }) => {
  const { models } = (await (await request.get('models/index.json')).json()) as { models: { id: string }[] };
  expect(models.length).toBeGreaterThanOrEqual(7);
  for (const { id } of models) {
    await page.goto(`?${id}#model=${id}`);
    await settled(reconstruction(page));
    const figures = page.locator('.evidence dd');
    await expect(figures.first()).toBeVisible();
    // A figure, or a median with its range.
    for (const figure of await figures.all()) {
      await expect(figure, id).toHaveText(/\d\.\d|\d \(−?\d+ to −?\d+\)/);
    }
  }
});

for (const colorScheme of ['light', 'dark'] as const) {
  for (const lab of LABS.filter((lab) => lab !== 'train')) {
    test(`axe finds no serious fault in ${lab}, ${colorScheme}`, async ({ browser, baseURL }) => {
      const context = await browser.newContext({ colorScheme, reducedMotion: 'reduce' });
      const page = await context.newPage();
      await page.goto(`${baseURL}#lab=${lab}`);
      await settled(reconstruction(page));
      const { violations } = await new AxeBuilder({ page }).analyze();
      const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
      expect(serious.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
      await context.close();
    });
  }
}

test('the page stays within its width from a wide desk to a small phone', async ({ page }) => {
  await page.goto('');
  await settled(reconstruction(page));
  for (const [width, height] of [
    [1440, 900],
    [1024, 768],
    [390, 844],
    [320, 640],
  ] as const) {
    await page.setViewportSize({ width, height });
    for (const lab of LABS) {
      await page.getByRole('tab', { name: new RegExp(`^${lab}$`, 'i') }).click();
      // At once, and when the lab has its figures.
      for (const wait of [0, 500]) {
        await page.waitForTimeout(wait);
        const reach = await page.evaluate(() => document.documentElement.scrollWidth);
        expect(reach, `${lab} at ${width} after ${wait} ms`).toBeLessThanOrEqual(width);
      }
    }
  }
});

test('each part of the labs with parts narrows with a small phone', async ({ page }) => {
  const parts: Record<string, string[]> = {
    posterior: ['walkers', 'own', 'ladder', 'gradients'],
    repair: ['draw', 'repair', 'pixels', 'repair,damage:brush'],
    compare: ['table', 'classes', 'autoencoder', 'beta', 'blurry', 'linear', 'factors'],
  };
  await page.setViewportSize({ width: 390, height: 844 });
  for (const [lab, names] of Object.entries(parts)) {
    for (const name of names) {
      // German words are the longer ones.
      await page.goto(`?lang=de#lab=${lab}&${lab}=part:${name}`);
      await expect(page.getByRole('tabpanel').locator('canvas, svg, table').first()).toBeVisible();
      for (const width of [390, 320]) {
        await page.setViewportSize({ width, height: 844 });
        // When the part has its figures.
        await page.waitForTimeout(500);
        const reach = await page.evaluate(() => document.documentElement.scrollWidth);
        expect.soft(reach, `${lab}, ${name}, at ${width}`).toBeLessThanOrEqual(width);
      }
      await page.setViewportSize({ width: 390, height: 844 });
    }
  }
});
