// The Train lab's options: those that act with the others chosen, and no more.
import { expect, test, type Page } from '@playwright/test';

import { settled } from './canvas';
import {
  nats,
  open,
  openExpert,
  SMALL,
  start,
  stepButton,
  stepsDone,
  trainingTests,
  trainTo,
} from './training';

trainingTests();

const option = (page: Page, name: string) =>
  // Not the experiments, one of which is named after an option.
  page
    .getByRole('group', { name: 'Training', exact: true })
    .locator('.params')
    .getByText(name, { exact: true });
const choice = (page: Page, name: string) => page.getByRole('combobox', { name, exact: true });
const field = (page: Page, name: string) => page.getByRole('textbox', { name, exact: true });

test('the basic options come first; the others open, stay open, and open for a link that sets one', async ({
  page,
}) => {
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto('#lab=train');
  await expect(start(page)).toBeEnabled({ timeout: 60_000 });
  for (const name of ['Latents', 'Beta', 'Learning rate']) await expect(option(page, name)).toBeVisible();
  await expect(choice(page, 'Objective')).toBeHidden();
  // With the bar that stays above it, the column is on one screen.
  const [bar, column] = await Promise.all([
    page.getByRole('group', { name: 'Run', exact: true }).boundingBox(),
    page
      .locator('.settings')
      .evaluate(
        (element) =>
          (element.lastElementChild?.getBoundingClientRect().bottom ?? Infinity) -
          element.getBoundingClientRect().top,
      ),
  ]);
  expect((bar?.height ?? Infinity) + column).toBeLessThan(900);
  await openExpert(page);
  await expect(choice(page, 'Objective')).toBeVisible();
  await page.reload();
  await expect(choice(page, 'Objective')).toBeVisible({ timeout: 60_000 });
  await page.locator('summary', { hasText: 'Expert' }).click();
  await expect(choice(page, 'Objective')).toBeHidden();

  const other = await page.context().newPage();
  await open(other, 'images:400,latents:8');
  await expect(choice(other, 'Objective')).toBeVisible();
  await other.close();
  const basic = await page.context().newPage();
  await open(basic, 'latents:8,beta:4');
  await expect(choice(basic, 'Objective')).toBeHidden();
});

test('only options that act are shown, and a choice shows its own at once', async ({ page }) => {
  await open(page);
  const shown = async (...names: string[]): Promise<void> => {
    for (const name of names) await expect(option(page, name), name).toBeVisible();
  };
  const gone = async (...names: string[]): Promise<void> => {
    for (const name of names) await expect(option(page, name), name).toHaveCount(0);
  };
  const ofOthers = ['Steps of the flow', 'Prior’s components', 'Standard deviation', 'Labels known'];
  await shown('Beta', 'Free bits', 'KL warm-up', 'Draws of z');
  await gone(...ofOthers, 'Weight of the discrepancy', 'Codes of the batch');

  await field(page, 'Free bits').fill('0.5');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/freeBits%3A0\.5/);
  await choice(page, 'Objective').selectOption({ label: 'Wasserstein autoencoder' });
  await shown('Weight of the discrepancy');
  await gone('Beta', 'Free bits', 'KL warm-up');
  await expect(page).toHaveURL(/objective%3Awae/);
  await expect(page).not.toHaveURL(/freeBits/);
  // What is shown is what runs.
  await expect(start(page)).toBeEnabled();
  await stepButton(page).click();
  await expect.poll(() => stepsDone(page)).toBe(1);
  await expect(page.getByRole('alert')).toHaveCount(0);

  await choice(page, 'Objective').selectOption({ label: 'total correlation' });
  await shown('Beta', 'KL warm-up');
  await gone('Codes of the batch', 'Weight of the discrepancy');
  await field(page, 'Beta').fill('4');
  await page.keyboard.press('Enter');
  await shown('Codes of the batch');

  await choice(page, 'Posterior').selectOption({ label: 'planar flow' });
  await shown('Steps of the flow');
  await choice(page, 'Family').selectOption('ppca');
  await shown('Pixels', 'Seed');
  await gone('Objective', 'Beta', 'Batch size', 'Learning rate', 'Activation', 'Posterior');
});

test('an option of a link that does nothing is told and left out', async ({ page }) => {
  await open(page, `${SMALL},model:cvae,classWeight:3,objective:iwae,freeBits:0.5`);
  const told = page.locator('.toast');
  await expect(told.filter({ hasText: '“Weight of classes” does nothing here' })).toBeVisible();
  await expect(told.filter({ hasText: 'acts where Objective is “evidence lower bound”' })).toBeVisible();
  await expect(page).toHaveURL(/objective%3Aiwae/);
  await expect(page).not.toHaveURL(/classWeight|freeBits/);
  await stepButton(page).click();
  await expect.poll(() => stepsDone(page)).toBe(1);
});

test('a run too large for a tab is not begun, and says by how much', async ({ page }) => {
  const large = 'images:400,hidden:~1024~1024~1024~1024,batchSize:2048,draws:100';
  await page.goto(`#lab=train&train=${large}`);
  const refusal = page.getByText(
    'a step would decode 204800 codes, batch size times draws; at most 20000 fit',
  );
  await expect(refusal).toBeVisible({ timeout: 60_000 });
  await expect(start(page)).toBeDisabled();
  await expect(stepButton(page)).toBeDisabled();
  await expect(page).toHaveURL(/draws%3A100/);
  await openExpert(page);
  await field(page, 'Draws of z').fill('1');
  await page.keyboard.press('Enter');
  await expect(start(page)).toBeEnabled({ timeout: 60_000 });
  await expect(refusal).toHaveCount(0);
});

test('the strip shows the drawing as the model sees it: grey for a model of grey pixels', async ({
  page,
}) => {
  const between = async (): Promise<number> => {
    const shown = await settled(page.getByLabel('Your drawing as the model sees it'));
    return shown.filter((level) => level > 20 && level < 235).length;
  };
  await open(page, `${SMALL},likelihood:gaussian-scalar`);
  await trainTo(page, 3);
  expect(await between()).toBeGreaterThan(10);
  await open(page, SMALL);
  await page.reload();
  await trainTo(page, 3);
  expect(await between()).toBe(0);
});

test('noise by code: the decoder gives twice as many numbers, and the bound is of a density', async ({
  page,
}) => {
  await open(page, `${SMALL},likelihood:gaussian-decoder,learningRate:0.003`);
  await trainTo(page, 30);
  const early = await nats(page, 'elbo');
  await trainTo(page, 200);
  expect(await nats(page, 'elbo')).toBeGreaterThan(early + 50);
  await expect(page.getByText('The decoder gives 2 × 784 numbers')).toBeVisible();
});

test('models trained before with other betas are put on the page at once, and the run stays', async ({
  page,
}) => {
  await open(page);
  await stepButton(page).click();
  await expect.poll(() => stepsDone(page)).toBe(1);
  const row = page.getByRole('group', { name: 'Models trained before, by β' });
  await expect(row.locator('.button')).toHaveText(['0', '1', '4', '10']);
  const rate = async (): Promise<number> =>
    Number(/KL\D*([\d.]+)/.exec(await page.locator('div.evidence').innerText())?.[1] ?? 'NaN');
  const rates: number[] = [];
  for (const beta of ['10', '1', '0']) {
    await row.getByRole('button', { name: beta, exact: true }).click();
    await expect(page).toHaveURL(new RegExp(`model=mnist-2d-beta-${beta}(&|$)`));
    await expect(row.getByRole('button', { name: beta, exact: true })).toHaveAttribute(
      'aria-pressed',
      'true',
    );
    await expect(page.getByText(`On the page now: MNIST, 2 latents, β = ${beta}.`)).toBeVisible();
    await expect(page.locator('.evidence [data-settled=true]')).toBeVisible({ timeout: 60_000 });
    rates.push(await rate());
  }
  // The dearer a code was in training, the less of it.
  expect(rates).toEqual(rates.toSorted((a, b) => a - b));
  expect(rates[2]).toBeGreaterThan(rates[0] ?? Infinity);
  expect(await stepsDone(page)).toBe(1);
});
