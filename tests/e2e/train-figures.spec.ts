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

test('the picture of the network counts what the layers hold', async ({ page }) => {
  await open(page, 'images:400,hidden:~100~50,latents:3');
  // Weights and biases of 784-100-50, two heads of 3, 3-50-100-784.
  const layer = (from: number, to: number): number => from * to + to;
  const encoder = layer(784, 100) + layer(100, 50) + 2 * layer(50, 3);
  const decoder = layer(3, 50) + layer(50, 100) + layer(100, 784);
  await expect(page.getByTestId('parameters')).toHaveText((encoder + decoder).toLocaleString('en'));
  await expect(page.getByRole('img', { name: /784, 100, 50, 6, 3, 50, 100, 784/ })).toBeVisible();
  await expect(page.getByText('= 6 numbers: 3 means and 3 log-variances')).toBeVisible();
  // Live from the options.
  await page.getByRole('textbox', { name: 'Latents', exact: true }).fill('2');
  await page.keyboard.press('Enter');
  const two = layer(784, 100) + layer(100, 50) + 2 * layer(50, 2) + layer(2, 50) + layer(50, 100);
  await expect(page.getByTestId('parameters')).toHaveText((two + layer(100, 784)).toLocaleString('en'));
});

test('a model that learns classes from a few labels shows its errors fall, and reads the drawing', async ({
  page,
}) => {
  await page.goto('#lab=train&train=model:m2,labelled:100,latents:4,hidden:~64&d=wAQGgBCAEIAgAACAIA');
  await expect(start(page)).toBeEnabled({ timeout: 60_000 });
  const share = async (): Promise<number> => Number(await page.getByTestId('misread').innerText());
  // An untrained classifier knows nothing: nine in ten, give or take.
  await expect.poll(share).toBeGreaterThan(70);
  await expect(page.getByRole('region', { name: 'Digits read wrongly' })).toContainText('of 400');
  await trainTo(page, 150);
  await expect.poll(share).toBeLessThan(50);
  const classes = page.getByRole('region', { name: 'What is your drawing?' }).getByRole('listitem');
  await expect(classes).toHaveCount(10);
  const percents = (await classes.allInnerTexts()).map((text) => Number(/(\d+) %/.exec(text)?.[1]));
  // Ten shares of one, each rounded.
  expect(Math.abs(percents.reduce((sum, value) => sum + value, 0) - 100)).toBeLessThanOrEqual(5);
});
