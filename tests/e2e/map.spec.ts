// The Map lab: pointing decodes, leaving restores; traversals where there are more than two latents.
import { expect, test, type Page } from '@playwright/test';

import { largestDifference, opacities, reconstruction, settled } from './canvas';

test.use({ contextOptions: { reducedMotion: 'reduce' } });

/** Levels of 255 by which a picture must differ to be another one. */
const OTHER = 32;

async function expectRestored(page: Page, own: readonly number[], tolerance = 0): Promise<void> {
  await expect(async () => {
    expect(largestDifference(await opacities(reconstruction(page)), own)).toBeLessThanOrEqual(tolerance);
  }).toPass();
}

async function expectOther(page: Page, own: readonly number[]): Promise<number[]> {
  let shown: number[] = [];
  await expect(async () => {
    shown = await settled(reconstruction(page));
    expect(largestDifference(shown, own)).toBeGreaterThan(OTHER);
  }).toPass();
  return shown;
}

test('hovering decodes, leaving restores, a press keeps', async ({ page }) => {
  await page.goto('#lab=map');
  const own = await settled(reconstruction(page));
  const map = page.getByRole('application', { name: 'Map of codes' });
  await map.scrollIntoViewIfNeeded();
  const box = await map.boundingBox();
  if (!box) throw new Error('the map has no box');

  await map.hover({ position: { x: 0.15 * box.width, y: 0.2 * box.height } });
  const there = await expectOther(page, own);
  await map.hover({ position: { x: 0.85 * box.width, y: 0.8 * box.height } });
  await expectOther(page, there);
  await page.mouse.move(2, 2);
  await expectRestored(page, own);

  await map.click({ position: { x: 0.15 * box.width, y: 0.2 * box.height } });
  await page.mouse.move(2, 2);
  // A press comes at a whole pixel, a movement may come between two: the codes differ by a hair.
  await expectRestored(page, there, 3);
  await page.getByRole('button', { name: 'Back to your drawing' }).click();
  await expectRestored(page, own);
});

test('arrow keys move the cursor, Enter keeps, Escape goes back', async ({ page }) => {
  await page.goto('#lab=map');
  const own = await settled(reconstruction(page));
  const map = page.getByRole('application', { name: 'Map of codes' });
  await map.focus();
  // A step changes the code at once; away from the drawing the picture changes too.
  for (let step = 0; step < 5; step += 1) {
    await map.press('Shift+ArrowLeft');
    await map.press('Shift+ArrowUp');
  }
  const there = await expectOther(page, own);
  await map.press('Escape');
  await expectRestored(page, own);
  for (let step = 0; step < 5; step += 1) {
    await map.press('Shift+ArrowLeft');
    await map.press('Shift+ArrowUp');
  }
  await expectRestored(page, there);
  await map.press('Enter');
  await map.press('Escape');
  await expectRestored(page, there);
});

test('layers and classes can be hidden, and the link says so', async ({ page }) => {
  await page.goto('#lab=map');
  await settled(reconstruction(page));
  const canvas = page.getByRole('application', { name: 'Map of codes' }).locator('canvas');
  const all = await settled(canvas);
  const seven = page.getByRole('button', { name: 'Class 7' });
  await seven.click();
  await expect(seven).toHaveAttribute('aria-pressed', 'false');
  const fewer = await settled(canvas);
  expect(largestDifference(all, fewer)).toBeGreaterThan(0);
  await page.getByRole('tabpanel').getByRole('checkbox', { name: 'decoded plane' }).uncheck();
  const bare = await settled(canvas);
  const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
  expect(sum(bare)).toBeLessThan(sum(fewer));
  await expect(page).toHaveURL(/map=[^&]*hidden%3A7/);

  await page.reload();
  await expect(page.getByRole('button', { name: 'Class 7' })).toHaveAttribute('aria-pressed', 'false');
  await expect(page.getByRole('checkbox', { name: 'decoded plane' })).not.toBeChecked();
});

for (const [id, hasParts] of [
  ['ppca-32', true],
  // A learned prior: its KL is no sum over latents.
  ['mnist-32d', false],
] as const) {
  test(`${id}: more latents show a plane and traversals`, async ({ page }) => {
    await page.goto(`#lab=map&model=${id}`);
    const own = await settled(reconstruction(page));
    await expect(page.getByText(/^Your drawing, the digits .* two principal components/)).toBeVisible();
    const matrix = page.getByRole('button', { name: 'Traversals', exact: true });
    const pictures = await settled(matrix.locator('canvas'));
    expect(pictures.some((value) => value > 0)).toBe(true);
    // Sorted by what they say of the drawing, or by how they vary: the numbers fall from row to row.
    const numbers = (await page.locator('.names .number').allTextContents())
      .map((text) => Number(text.replace('sd', '')))
      .filter((value) => Number.isFinite(value));
    expect(numbers.length).toBeGreaterThan(2);
    expect(numbers).toEqual([...numbers].sort((a, b) => b - a));
    await expect(page.getByLabel('sorted by')).toBeEnabled({ enabled: hasParts });

    await matrix.scrollIntoViewIfNeeded();
    const box = await matrix.boundingBox();
    if (!box) throw new Error('the traversals have no box');
    await matrix.hover({ position: { x: 4, y: 4 } });
    await expectOther(page, own);
    await page.mouse.move(2, 2);
    await expectRestored(page, own);

    await page.getByRole('button', { name: 'All 32 latents' }).click();
    await expect(page.locator('.names li')).toHaveCount(32);
  });
}
