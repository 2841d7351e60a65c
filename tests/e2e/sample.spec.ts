// The Sample lab: draws from the prior, the same ones for the same link.
import { expect, test, type Locator, type Page } from '@playwright/test';

import { gridImages, largestDifference, reconstruction, settled } from './canvas';
import { classify } from './classifier';
import { sample, shipped } from './commandLine';

const COUNT = 60;
/** On a window of this width. */
const COLUMNS = 20;
const GAP = 3;

test.use({ contextOptions: { reducedMotion: 'reduce' } });

function grid(page: Page): Locator {
  return page.getByRole('button', { name: 'Samples', exact: true });
}

async function samples(page: Page): Promise<number[][]> {
  const canvas = grid(page).locator('canvas');
  await settled(canvas);
  return gridImages(canvas, GAP);
}

function distinct(images: number[][]): number {
  return new Set(images.map((image) => image.join())).size;
}

test('draws distinct images, the same for the same link and others for the next seed', async ({ page }) => {
  await page.goto('#lab=sample&seed=21');
  const first = await samples(page);
  expect(first).toHaveLength(COUNT);
  expect(distinct(first)).toBe(COUNT);

  await page.getByRole('button', { name: 'Sample again' }).click();
  await expect(page).toHaveURL(/sample=seed%3A22/);
  const link = page.url();
  let second: number[][] = [];
  await expect(async () => {
    second = await samples(page);
    expect(second).not.toEqual(first);
  }).toPass();
  expect(distinct([...first, ...second])).toBe(2 * COUNT);

  // A page of its own: nothing but the link brings the samples back.
  const other = await page.context().newPage();
  await other.goto(link);
  expect(await samples(other)).toEqual(second);
  await expect(other.getByLabel('Seed of the samples')).toHaveValue('22');
});

test('at temperature 0 every code is the middle of the prior, and the coins still differ', async ({
  page,
}) => {
  await page.goto('#lab=sample');
  await samples(page);
  const slider = page.getByRole('slider', { name: 'Temperature' });
  await slider.press('Home');
  await expect(slider).toHaveValue('0');
  await expect(async () => {
    expect(distinct(await samples(page))).toBe(1);
  }).toPass();
  await expect(page.getByText('0.00 sd')).toBeVisible();
  await page.getByRole('radio', { name: 'pixels' }).check();
  const pixels = await samples(page);
  expect(distinct(pixels)).toBe(COUNT);
  expect(new Set(pixels.flat())).toEqual(new Set([0, 255]));
});

test('a sample is shown in its stages and given to the page by pointer and by keys', async ({ page }) => {
  await page.goto('#lab=sample');
  const own = await settled(reconstruction(page));
  const images = await samples(page);
  const box = await grid(page).boundingBox();
  if (!box) throw new Error('the grid has no box');
  await grid(page).click({ position: { x: (3.5 / COLUMNS) * box.width, y: box.height / 6 } });
  const probabilities = page.getByRole('img', { name: 'Pixel probabilities of the sample' });
  await expect(async () => {
    expect(largestDifference(await settled(probabilities), images[3] ?? [])).toBe(0);
    // One code decoded alone or among sixty: sums may round differently in the last place.
    expect(largestDifference(await settled(reconstruction(page)), images[3] ?? [])).toBeLessThanOrEqual(1);
  }).toPass();

  await grid(page).press('ArrowRight');
  await grid(page).press('ArrowDown');
  await grid(page).press('Enter');
  await expect(async () => {
    expect(largestDifference(await settled(probabilities), images[24] ?? [])).toBe(0);
  }).toPass();

  // Without motion the slow motion is a step.
  await page.getByRole('button', { name: 'Next sample' }).click();
  await expect(async () => {
    expect(largestDifference(await settled(probabilities), images[25] ?? [])).toBe(0);
  }).toPass();
  expect(largestDifference(await settled(reconstruction(page)), own)).toBeGreaterThan(1);
});

test('slow motion lights one stage after the other', async ({ browser }) => {
  const context = await browser.newContext({ reducedMotion: 'no-preference' });
  const page = await context.newPage();
  const address = `http://127.0.0.1:${process.env.E2E_PORT}/`;
  await page.goto(`${address}#lab=sample`);
  await samples(page);
  await page.getByRole('button', { name: 'In slow motion' }).click();
  // Watched from inside: a stage is shorter than a busy machine's way to the page and back.
  const order = await page.evaluate(
    () =>
      new Promise<string[]>((resolve) => {
        const seen: string[] = [];
        const look = (): void => {
          const lit = Array.from(document.querySelectorAll('figure.lit figcaption button'), (name) =>
            String(name.textContent),
          );
          const [only] = lit;
          if (lit.length === 1 && only && !seen.includes(only)) seen.push(only);
          if (seen.length < 3) requestAnimationFrame(look);
          else resolve(seen);
        };
        look();
      }),
  );
  expect(new Set(order)).toEqual(new Set(['a code', 'probabilities', 'pixels']));
  await page.getByRole('button', { name: 'Stop slow motion' }).click();
  await expect(page.locator('figure.lit')).toHaveCount(3);
  await context.close();
});

test('a sample by class goes to the page with its class, and its code is the one shown', async ({ page }) => {
  await page.goto('#lab=sample&model=mnist-cvae&seed=9&sample=label:5');
  const large = page.getByRole('img', { name: 'Pixel probabilities of the sample' });
  await settled(large);
  const box = await grid(page).boundingBox();
  if (!box) throw new Error('the grid has no box');
  await grid(page).click({ position: { x: (3.5 / COLUMNS) * box.width, y: box.height / 6 } });
  await expect(page.getByTestId('given-class')).toContainText('The model is told that this is a 5');
  // The page redraws the very sample: without the class it would be another digit.
  await expect(async () => {
    const shown = await settled(reconstruction(page));
    expect(largestDifference(shown, await settled(large))).toBeLessThan(4);
    expect(classify(shown)).toBe(5);
  }).toPass();
  await expect(page.getByText('the code you chose')).toBeVisible();
  // The bars of the Draw lab are those of the code that was pressed.
  const shown = await settled(reconstruction(page));
  await page.getByRole('tab', { name: 'Draw', exact: true }).click();
  await expect(page.getByText('the code you chose')).toBeVisible();
  const sliders = page.locator('#lab').getByRole('slider', { name: /^z\d+$/ });
  expect(await sliders.count()).toBe(8);
  const code = await Promise.all((await sliders.all()).map((slider) => slider.inputValue()));
  const sheet = test.info().outputPath('sheet.png');
  const { latents } = await sample(shipped('mnist-cvae'), COUNT, 9, sheet, 5);
  code.forEach((value, at) => {
    // A bar has steps of a hundredth.
    expect(Math.abs(Number(value) - (latents[3 * 8 + at] ?? NaN)), `z${String(at + 1)}`).toBeLessThan(0.0051);
  });
  expect(largestDifference(await settled(reconstruction(page)), shown)).toBe(0);
});

test('the facts are of the sample shown large, beside the mean of all', async ({ page }) => {
  await page.goto('#lab=sample');
  await samples(page);
  const distance = page.locator('dl div', { hasText: 'distance from the middle' }).locator('dd');
  await expect(distance).toHaveText(/^\d\.\d\d sd · mean \d\.\d\d$/);
  const [first = '', mean = ''] = (await distance.innerText()).match(/\d\.\d\d/g) ?? [];
  await page.getByRole('button', { name: 'Next sample' }).click();
  await expect(distance).not.toContainText(`${first} sd`);
  await expect(distance).toContainText(`mean ${mean}`);
});
