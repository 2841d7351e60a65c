// What the Train lab shows: finite figures, curves that can be told apart, speeds that count what is done.
import { expect, test, type Locator } from '@playwright/test';

import { nats, open, SMALL, start, stepButton, stepsDone, trainTo, trainingTests } from './training';

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

test('the exact sum of a categorical model is the page’s own log p(x), and no less than its bound', async ({
  page,
}) => {
  await page.goto(
    '#lab=train&train=images:400,model:categorical-vae,categories:6,hidden:~32,batchSize:32&d=wAQGgBCAEIAgAACAIA',
  );
  await expect(start(page)).toBeEnabled({ timeout: 60_000 });
  await trainTo(page, 60);
  const figure = async (locator: Locator): Promise<number> =>
    Number((await locator.innerText()).replace('−', '-').replace('nats', ''));
  const exact = page.getByTestId('exact-log-likelihood');
  await page.getByRole('button', { name: 'Use this model on the page' }).click();
  const evidence = page.locator('.evidence').locator('dl > div', { hasText: 'exact' }).first().locator('dd');
  await expect
    .poll(async () => Math.abs((await figure(exact)) - (await figure(evidence))))
    .toBeLessThan(0.06);
  const strip = page.getByRole('region', { name: 'Your drawing through training' });
  const bound = await figure(strip.locator('.now figcaption .muted'));
  expect(await figure(exact)).toBeGreaterThan(bound - 0.11);
});

test('without an encoder the decoder learns, and the encoder beside it follows', async ({ page }) => {
  await open(page, 'images:400,objective:exact,hidden:~32,batchSize:32,learningRate:0.003');
  const before = await nats(page, 'elbo');
  await trainTo(page, 60);
  expect(await nats(page, 'elbo')).toBeGreaterThan(before + 5);
  expect(await nats(page, 'kl')).toBeGreaterThan(0.5);
});

test('a run that does not start from the mean image starts from noise', async ({ page }) => {
  await open(page, 'images:400');
  await expect.poll(() => nats(page, 'elbo')).toBeGreaterThan(-300);
  await open(page, 'images:400,firstImage:noise,optimiser:sgd');
  // Every pixel is a coin at first: 784 log 2 = 543.4 nats.
  await expect.poll(async () => Math.abs((await nats(page, 'elbo')) + 784 * Math.LN2)).toBeLessThan(25);
  await stepButton(page).click();
  await expect.poll(() => stepsDone(page)).toBe(1);
});
