// The Interpolate lab: three paths between the codes of two drawings.
import { expect, test, type Locator, type Page } from '@playwright/test';

import { largestDifference, opacities, reconstruction, settled } from './canvas';

const STEPS = 17;

test.use({ contextOptions: { reducedMotion: 'reduce' } });

function picture(page: Page, name: string): Locator {
  return page.getByRole('img', { name, exact: true });
}

function frame(page: Page, number: number): Promise<number[]> {
  return settled(picture(page, `Interpolation frame ${String(number)}`));
}

test('its ends are the two reconstructions', async ({ page }) => {
  await page.goto('#lab=interpolate');
  const first = await settled(reconstruction(page));
  // This drawing stays the end of the path; the next one becomes its start.
  await page.getByRole('combobox', { name: 'Path end' }).selectOption('this drawing, kept');
  await page
    .getByRole('button', { name: /^Random (digit|\d)/ })
    .first()
    .click();
  let second = first;
  await expect(async () => {
    second = await settled(reconstruction(page));
    expect(largestDifference(first, second)).toBeGreaterThan(64);
  }).toPass();

  await expect(async () => {
    expect(largestDifference(await settled(picture(page, 'Interpolation end')), first)).toBe(0);
    expect(largestDifference(await settled(picture(page, 'Interpolation start')), second)).toBe(0);
    // Frames are decoded together, reconstructions alone: sums may round differently in the last place.
    expect(largestDifference(await frame(page, 1), second)).toBeLessThanOrEqual(1);
    expect(largestDifference(await frame(page, STEPS), first)).toBeLessThanOrEqual(1);
  }).toPass();

  await expect(page).toHaveURL(/to%3Akept-/);
  const other = await page.context().newPage();
  await other.goto(page.url());
  await expect(async () => {
    expect(largestDifference(await settled(picture(other, 'Interpolation end')), first)).toBe(0);
    expect(largestDifference(await settled(picture(other, 'Interpolation start')), second)).toBe(0);
  }).toPass();
});

test('three paths share their ends and differ between them', async ({ page }) => {
  await page.goto('#lab=interpolate&interpolate=from:digit-1-0,to:digit-0-0');
  const start = await settled(picture(page, 'Interpolation start'));
  const end = await settled(picture(page, 'Interpolation end'));
  expect(largestDifference(start, end)).toBeGreaterThan(64);
  const films: number[][][] = [];
  for (const path of ['linear', 'spherical', 'geodesic']) {
    await page.getByRole('radio', { name: path }).check();
    const row = page.getByRole('row', { name: new RegExp(path) });
    // The lowest log p(x) comes last of all.
    await expect(row.getByRole('cell').last()).toHaveText(/^−?\d+\.\d$/, { timeout: 60_000 });
    const film = await Promise.all(
      Array.from({ length: STEPS }, (_, step) =>
        opacities(picture(page, `Interpolation frame ${String(step + 1)}`)),
      ),
    );
    expect(largestDifference(film[0] ?? [], start)).toBeLessThanOrEqual(1);
    expect(largestDifference(film.at(-1) ?? [], end)).toBeLessThanOrEqual(1);
    films.push(film);
  }
  const middle = films.map((film) => film[Math.floor(STEPS / 2)]?.join());
  expect(new Set(middle).size).toBe(3);

  // The straight line is the shortest between the codes; the geodesic changes the image least.
  const numbers = await page
    .getByRole('table')
    .getByRole('row')
    .evaluateAll((rows) =>
      rows
        .slice(1)
        .map((row) =>
          Array.from(row.querySelectorAll('td'), (cell) => Number(cell.textContent?.replace('−', '-'))),
        ),
    );
  const [linear = [], spherical = [], geodesic = []] = numbers;
  expect(linear[0]).toBeLessThanOrEqual(spherical[0] ?? NaN);
  expect(linear[0]).toBeLessThanOrEqual(geodesic[0] ?? NaN);
  await expect(page).toHaveURL(/path%3Ageodesic/);
});

test('the slider and the film strip choose the step', async ({ page }) => {
  await page.goto('#lab=interpolate&interpolate=from:digit-7-0,to:digit-2-1');
  await frame(page, STEPS);
  const shown = picture(page, 'Image at this step');
  const slider = page.getByRole('slider', { name: 'Step along the path' });
  await slider.press('End');
  await expect(async () => {
    expect(await settled(shown)).toEqual(await frame(page, STEPS));
  }).toPass();
  await slider.press('ArrowLeft');
  await expect(slider).toHaveAttribute('aria-valuetext', `step ${String(STEPS - 1)} of ${String(STEPS)}`);
  await picture(page, 'Interpolation frame 4').click();
  await expect(async () => {
    expect(await settled(shown)).toEqual(await frame(page, 4));
  }).toPass();
  await expect(page).toHaveURL(/step%3A4/);
});
