// What the Train lab shows: finite figures, curves that can be told apart, speeds that count what is done.
import { expect, test } from '@playwright/test';

import { SMALL, open, start, stepsDone, trainTo, trainingTests } from './training';

trainingTests();

test('a collapsed model has finite figures, and the lab says that no latent is in use', async ({ page }) => {
  await open(page, `${SMALL},latents:32,beta:100`);
  await trainTo(page, 200);
  const lab = page.getByRole('group', { name: 'Training', exact: true });
  await expect(lab.getByTestId('latents-in-use')).toContainText('0 of 32 latents in use');
  expect(await lab.innerText()).not.toMatch(/NaN|Infinity/);
  expect(await lab.innerHTML()).not.toMatch(/NaN|Infinity/);
});

test('the curves of training and of held-out digits have legends that differ', async ({ page }) => {
  await open(page);
  await trainTo(page, 20);
  const swatches = await page
    .locator('.u-legend')
    .first()
    .locator('.u-marker')
    .evaluateAll((all) => all.map((one) => getComputedStyle(one).backgroundImage));
  const [, training, heldOut] = swatches;
  expect(training).toContain('gradient');
  expect(heldOut).toBe('none');
});

test('a model that is fitted counts all the images of a step', async ({ page }) => {
  await open(page, 'model:ppca,latents:2,images:2000');
  await start(page).click();
  await expect.poll(() => stepsDone(page)).toBeGreaterThan(2);
  const shown = page.getByTestId('images-per-second');
  await expect.poll(async () => Number((await shown.innerText()).replaceAll(',', ''))).toBeGreaterThan(0);
  const [rate, steps] = [Number((await shown.innerText()).replaceAll(',', '')), await stepsDone(page)];
  await page.waitForTimeout(3_000);
  const stepsASecond = ((await stepsDone(page)) - steps) / 3;
  // Each step has seen 2,000 images; the speed of a busy machine is not steady.
  expect(rate / (2_000 * stepsASecond)).toBeGreaterThan(0.3);
  expect(rate / (2_000 * stepsASecond)).toBeLessThan(3);
});
