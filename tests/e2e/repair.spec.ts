// The Repair lab on the built site: what was under it, and what the model expects of a drawing that has just begun.
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test, type Locator, type Page } from '@playwright/test';

import { opacities, settled } from './canvas';
import { repair, shipped, thresholded } from './commandLine';

test.use({ contextOptions: { reducedMotion: 'reduce' } });

const lab = (page: Page): Locator => page.getByRole('tabpanel', { name: 'Repair' });
const numberIn = (text: string): number =>
  Number((/[−-]?\d+(?:\.\d+)?/.exec(text)?.[0] ?? 'NaN').replace('−', '-'));
const evidence = async (page: Page): Promise<number> =>
  numberIn(await page.getByTestId('log-evidence').innerText());
const completions = (page: Page): Locator =>
  page.getByRole('region', { name: 'Completions' }).getByRole('img', { name: /^Completion/ });

async function open(page: Page, settings: string): Promise<void> {
  await page.goto(`#lab=repair&repair=${settings}`);
}

/** With the mouse, in shares of the canvas. */
async function stroke(page: Page, points: readonly (readonly [number, number])[]): Promise<void> {
  const canvas = page.getByRole('application', { name: 'Canvas to complete' });
  await canvas.scrollIntoViewIfNeeded();
  const box = await canvas.boundingBox();
  if (!box) throw new Error('no canvas');
  const [first, ...others] = points.map(([x, y]) => [box.x + x * box.width, box.y + y * box.height] as const);
  await page.mouse.move(...(first ?? [0, 0]));
  await page.mouse.down();
  for (const point of others) await page.mouse.move(...point, { steps: 8 });
  await page.mouse.up();
}

test('nothing seen is the prior; every stroke leaves fewer codes and is less probable', async ({ page }) => {
  await open(page, 'part:draw');
  await expect(page.getByTestId('log-evidence')).toHaveText(/^[−]?0\.00 nats/, { timeout: 60_000 });
  await expect(lab(page).getByText('0 of 784 pixels')).toBeVisible();
  const expected = page.getByRole('img', { name: 'What the model expects' });
  const cloud = await opacities(expected);
  expect(Math.max(...cloud)).toBeLessThan(200);

  await stroke(page, [
    [0.35, 0.25],
    [0.65, 0.25],
  ]);
  await expect(lab(page).locator('[data-settled=true]')).toBeVisible();
  const first = await evidence(page);
  expect(first).toBeLessThan(0);
  await expect(completions(page).first()).toBeVisible();
  // Codes drawn from what fits are decoded: ink, and not the same picture twice.
  const draws = page.getByRole('region', { name: 'Draws' }).getByRole('img');
  await expect(draws).toHaveCount(6);
  await expect.poll(async () => Math.max(...(await opacities(draws.first())))).toBeGreaterThan(100);
  const [one, other] = [await opacities(draws.nth(0)), await opacities(draws.nth(1))];
  expect(Math.max(...one.map((ink, pixel) => Math.abs(ink - (other[pixel] ?? 0))))).toBeGreaterThan(20);
  const shares = await lab(page).getByRole('listitem').allInnerTexts();
  const total = shares.map(numberIn).reduce((sum, value) => sum + value, 0);
  expect(total).toBeGreaterThan(50);
  expect(total).toBeLessThanOrEqual(103);

  await stroke(page, [
    [0.65, 0.25],
    [0.45, 0.78],
  ]);
  await expect(async () => {
    await expect(lab(page).locator('[data-settled=true]')).toBeVisible();
    expect(await evidence(page)).toBeLessThan(first);
  }).toPass();
  // What was drawn is seen, and something is expected of it.
  const after = await settled(expected);
  expect(Math.max(...after)).toBe(255);
  await lab(page).getByRole('button', { name: 'Undo' }).click();
  await expect(async () => {
    await expect(lab(page).locator('[data-settled=true]')).toBeVisible();
    expect(Math.abs((await evidence(page)) - first)).toBeLessThan(0.02);
  }).toPass();
});

test('a pixel that is pressed has the probability that stood there', async ({ page }) => {
  await open(page, 'part:pixels');
  const field = page.getByRole('application', { name: 'Pixels to press' });
  await field.focus();
  await expect(page.getByTestId('log-evidence')).toHaveText(/0\.00/, { timeout: 60_000 });
  await page.keyboard.press('ArrowDown');
  const reading = lab(page).locator('.reading');
  const before = numberIn((await reading.innerText()).split('=')[1] ?? '');
  expect(before).toBeGreaterThan(0);
  await page.keyboard.press('Enter');
  await expect(reading).toContainText('known to be ink');
  // Three decimals of p, two of its logarithm.
  await expect(async () => {
    expect(Math.abs((await evidence(page)) - Math.log(before))).toBeLessThan(0.006 + 0.0006 / before);
  }).toPass();
  await page.keyboard.press('Enter');
  await expect(reading).toContainText('known to be paper');
  await expect(async () => {
    expect(Math.abs((await evidence(page)) - Math.log(1 - before))).toBeLessThan(
      0.006 + 0.0006 / (1 - before),
    );
  }).toPass();
  await lab(page).getByRole('button', { name: 'forget all' }).click();
  await expect(page.getByTestId('log-evidence')).toHaveText(/0\.00/);
});

test('repaired as the command line repairs the same pixels', async ({ page }) => {
  await open(page, 'part:repair,damage:lower');
  const figure = (name: string): Locator =>
    lab(page)
      .locator('figure')
      .filter({ has: page.getByRole('button', { name, exact: true }) });
  await expect(figure('E[x|y]').locator('.number')).toHaveText(/\d/, { timeout: 60_000 });
  await expect(figure('E[x|y]').locator('.number')).not.toHaveText('…');
  const image = thresholded(await settled(page.getByRole('img', { name: 'Original', exact: true })));
  const report = await repair(shipped('mnist-2d'), image, 'inpaint');
  const shown = async (name: string): Promise<number> =>
    numberIn(await figure(name).locator('.number').innerText());
  expect(await shown('what is left')).toBeCloseTo(report.asItIs.squaredError, 4);
  expect(await shown('encoder’s answer')).toBeCloseTo(report.reconstruction.squaredError, 3);
  expect(await shown('E[x|y]')).toBeCloseTo(report.posterior.squaredError, 3);
  expect(report.posterior.squaredError).toBeLessThan(report.reconstruction.squaredError);
  await expect(page.getByTestId('log-observed')).toHaveText(/^−\d/);
  await expect(completions(page)).toHaveCount(6);
});

for (const damage of ['flips', 'noise', 'coarse4', 'grid', 'brush']) {
  test(`what ${damage} spoils is repaired`, async ({ page }) => {
    await open(page, `part:repair,damage:${damage}`);
    if (damage === 'brush') {
      const field = page.getByRole('application', { name: 'Brush over your drawing' });
      await field.scrollIntoViewIfNeeded();
      const box = await field.boundingBox();
      if (!box) throw new Error('no field');
      await page.mouse.move(box.x + 0.2 * box.width, box.y + 0.5 * box.height);
      await page.mouse.down();
      await page.mouse.move(box.x + 0.8 * box.width, box.y + 0.5 * box.height, { steps: 20 });
      await page.mouse.up();
      await expect(page.getByRole('button', { name: 'Uncover all' })).toBeEnabled();
    }
    await expect(page.getByTestId('log-observed')).toHaveText(/^−\d/, { timeout: 60_000 });
    await expect(completions(page)).toHaveCount(6);
    await expect(page.locator('.toast.problem')).toHaveCount(0);
  });
}

test('with more latents chains repair, and say how far to believe them', async ({ page }) => {
  await open(page, 'part:repair&model=mnist-32d');
  // The picture grows while the chains walk on.
  await expect(lab(page).getByRole('progressbar')).toBeVisible({ timeout: 60_000 });
  await expect(lab(page).getByText(/R-hat\s+\d/)).toBeVisible({ timeout: 80_000 });
  await expect(completions(page)).toHaveCount(6);
  await expect(lab(page).getByRole('progressbar')).toHaveCount(0, { timeout: 80_000 });
  await expect(lab(page).getByText(/after 500 steps/)).toBeVisible();
});

test('a model that cannot says why, and offers one that can', async ({ page }) => {
  await page.goto('#lab=repair&model=mnist-32d');
  await expect(lab(page).getByText(/this\s+model\s+has\s+32/)).toBeVisible({ timeout: 60_000 });
  await page.goto('#lab=repair&repair=part:repair&model=mnist-m2');
  await expect(lab(page).getByText(/code\s+is\s+a\s+choice/)).toBeVisible({ timeout: 60_000 });
  await page.goto('#lab=repair&model=ppca-32');
  await expect(lab(page).getByText(/densities\s+of\s+grey/)).toBeVisible({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Take the model with two latents' }).click();
  await expect(page.getByRole('application', { name: 'Canvas to complete' })).toBeVisible();
});

for (const part of ['draw', 'repair', 'pixels']) {
  test(`axe finds nothing in the part ${part}`, async ({ page }) => {
    await open(page, `part:${part}`);
    await expect(page.getByRole('application', { name: 'Map of codes that fit' })).toBeVisible({
      timeout: 60_000,
    });
    const { violations } = await new AxeBuilder({ page }).include('[role=tabpanel]').analyze();
    expect(violations).toEqual([]);
  });
}
