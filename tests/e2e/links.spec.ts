// Links as they arrive: encoded again, damaged, edited, long; the browser's Back; parts of the page that do not come.
import { expect, test, type Page } from '@playwright/test';

import { largestDifference, opacities, reconstruction, settled } from './canvas';
import { draw } from './pen';

test.use({ contextOptions: { reducedMotion: 'reduce' } });

const toast = (page: Page) => page.locator('.toast');
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const seen = (page: Page) => page.getByRole('img', { name: 'What the model sees', exact: true });
const tab = (page: Page, name: string) => page.getByRole('tab', { name, exact: true });

async function openTraining(page: Page, settings: string): Promise<void> {
  await page.goto(`#lab=train&train=${settings}`);
  await expect(button(page, 'Start training')).toBeEnabled({ timeout: 60_000 });
}

test('a link that was encoded twice is read', async ({ page }) => {
  await openTraining(page, 'images%253A400%252Clatents%253A8');
  await expect(page).toHaveURL(/train=images%3A400%2Clatents%3A8(&|$)/);
  await expect(toast(page)).toHaveCount(0);
});

for (const [settings, words] of [
  ['images:400,learningRate:1e9,latents:99999', ['99999', '1000000000']],
  ['images:400,hidden:~0~32', ['0, 32', '1, 32']],
  ['images:400,model:gan', ['gan']],
  ['images:400,hidden:~32)', [')']],
  ['images:400,latents:8>', ['>']],
  ['images:400,colour:red', ['colour']],
  ['images:400,latents', ['latents']],
  ['images:400,objective:wae,freeBits:0.5', ['Free bits', 'evidence lower bound']],
  ['images:400,model:m2,flowSteps:4', ['flowSteps']],
] as const) {
  test(`a link with ${settings} says what it could not bring`, async ({ page }) => {
    await openTraining(page, settings);
    for (const word of words) await expect(toast(page).filter({ hasText: word }).first()).toBeVisible();
    // What could be taken stays in the address, in whatever order.
    await expect(page).toHaveURL(/[#&]train=(?:[^&]*%2C)?images%3A400/);
  });
}

test('settings of other labs are told as well', async ({ page }) => {
  await page.goto('#lab=sample&sample=temperature:9,colour:red&nowhere=a:1');
  for (const word of ['temperature', 'colour', 'nowhere']) {
    await expect(toast(page).filter({ hasText: word })).toHaveCount(1);
  }
});

test('an address that is typed is not written over before the page has heard of it', async ({ page }) => {
  await page.goto('');
  await settled(reconstruction(page));
  await page.getByRole('button', { name: 'Random digit', exact: true }).click();
  // As by a browser that is busy: the address is there, its event is late.
  await page.evaluate(() => {
    history.replaceState(null, '', '#lab=sample');
  });
  await page.waitForTimeout(1_500);
  expect(new URL(page.url()).hash).toBe('#lab=sample');
  await page.evaluate(() => window.dispatchEvent(new HashChangeEvent('hashchange')));
  await expect(tab(page, 'Sample')).toHaveAttribute('aria-selected', 'true');
  await expect(page).toHaveURL(/lab=sample&./);
});

test('a drawing of 20,000 points travels in a link', async ({ page }) => {
  test.setTimeout(180_000);
  await page.goto('');
  await settled(reconstruction(page));
  await button(page, 'Clear drawing').click();
  await expect.poll(async () => Math.max(...(await opacities(seen(page))))).toBe(0);
  const canvas = page.getByLabel('Drawing canvas');
  await canvas.evaluate((element) => {
    const { left, top, width, height } = element.getBoundingClientRect();
    const at = (index: number) => {
      const wobble = 0.03 * Math.sin(index * 1.7);
      return {
        bubbles: true,
        pointerId: 9,
        pointerType: 'pen',
        buttons: 1,
        clientX: left + width * (0.5 + (0.28 + wobble) * Math.cos(index / 900)),
        clientY: top + height * (0.5 + (0.35 + wobble) * Math.sin(index / 900)),
      };
    };
    const moves = Array.from({ length: 20_000 }, (_, index) => new PointerEvent('pointermove', at(index)));
    element.dispatchEvent(new PointerEvent('pointerdown', at(0)));
    element.dispatchEvent(new PointerEvent('pointermove', { ...at(0), coalescedEvents: moves }));
    element.dispatchEvent(new PointerEvent('pointerup', { ...at(0), buttons: 0 }));
  });
  const drawn = await settled(seen(page));
  await expect(page).toHaveURL(/[#&]d=.{20000}/);
  const link = page.url();
  expect(link.length).toBeLessThan(64_000);
  const other = await page.context().newPage();
  await other.goto(link);
  await expect.poll(async () => largestDifference(await settled(seen(other)), drawn)).toBeLessThan(128);
  await expect(toast(other)).toHaveCount(0);
});

test('a link pasted into the open page can be undone', async ({ page }) => {
  await page.goto('#lab=draw');
  await settled(reconstruction(page));
  await draw(page, 5);
  const drawn = await settled(seen(page));
  await page.evaluate(() => {
    location.hash = '#lab=draw&d=wAQGgBCAEIAgAACAIA';
  });
  await expect.poll(async () => largestDifference(await settled(seen(page)), drawn)).toBeGreaterThan(128);
  await button(page, 'Undo').click();
  await expect.poll(async () => settled(seen(page))).toEqual(drawn);
});

test('Back goes to the lab before and leaves the drawing alone', async ({ page }) => {
  await page.goto('#lab=draw');
  await settled(reconstruction(page));
  await tab(page, 'Map').click();
  await draw(page, 5);
  const drawn = await settled(seen(page));
  await tab(page, 'Sample').click();
  await page.goBack();
  await expect(tab(page, 'Map')).toHaveAttribute('aria-selected', 'true');
  await page.goBack();
  await expect(tab(page, 'Draw')).toHaveAttribute('aria-selected', 'true');
  await expect(page).toHaveURL(/#lab=draw.*&d=/);
  expect(await settled(seen(page))).toEqual(drawn);
  await page.goForward();
  await expect(tab(page, 'Map')).toHaveAttribute('aria-selected', 'true');
});

test.describe('a lab that does not open', () => {
  const LABS = /\/assets\/Lab-[^/]*\.js$/;

  test('says that it was not fetched, and comes at the next try', async ({ page }) => {
    await page.goto('#lab=draw');
    await settled(reconstruction(page));
    await page.route(LABS, (route) => route.abort());
    await tab(page, 'Map').click();
    const trouble = page.getByRole('tabpanel').getByRole('alert');
    await expect(trouble).toContainText('could not be fetched');
    await page.unroute(LABS);
    await trouble.getByRole('button', { name: 'Try again' }).click();
    await expect(page.getByLabel('Map of codes')).toBeVisible();
  });

  for (const [where, script] of [
    ['while it is read', 'throw new RangeError("no such locale: C"); export default 0;'],
    ['while it is shown', 'export default function () { throw new RangeError("no such locale: C"); }'],
  ] as const) {
    test(`says what went wrong ${where}, and never asks whether one is offline`, async ({ page }) => {
      await page.goto('#lab=draw');
      await settled(reconstruction(page));
      await page.route(LABS, (route) => route.fulfill({ contentType: 'text/javascript', body: script }));
      await tab(page, 'Map').click();
      const panel = page.getByRole('tabpanel');
      await expect(panel.getByRole('alert')).toContainText('no such locale: C');
      await expect(panel).not.toContainText('offline');
      await tab(page, 'Draw').click();
      await expect(panel.getByRole('slider').first()).toBeVisible();
    });
  }
});

test('a browser that calls its language “C” opens every lab', async ({ page }) => {
  await page.addInitScript(() => {
    Object.defineProperty(Navigator.prototype, 'language', { get: () => 'C' });
  });
  await page.goto('#lab=train');
  await expect(button(page, 'Start training')).toBeEnabled({ timeout: 60_000 });
  await expect(page.getByRole('tabpanel').getByRole('alert')).toHaveCount(0);
});

test('an engine that fails to come once is fetched again', async ({ page }) => {
  const failed = new Set<string>();
  await page.context().route(/latent_canvas[^/]*\.(?:wasm|js)$/, async (route) => {
    const address = route.request().url();
    if (failed.has(address)) return route.continue();
    failed.add(address);
    return route.abort();
  });
  await openTraining(page, 'images:400,hidden:~32,batchSize:32');
  await settled(reconstruction(page));
  expect(failed.size).toBeGreaterThan(1);
  await button(page, 'Step').click();
  await expect(page.getByTestId('step')).toHaveText('1');
});
