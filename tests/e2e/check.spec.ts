// "Is it right?": the page checks itself, from About and by its own address.
import { readFileSync } from 'node:fs';

import { AxeBuilder } from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';

import { reconstruction, settled } from './canvas';
import { draw } from './pen';

const recorded = JSON.parse(readFileSync('www/page/check/recorded.json', 'utf8')) as { elbo: number };

const CHECKS = ['gradients', 'bounds', 'finer-grid', 'recorded', 'memory'];

const dialog = (page: Page) => page.getByRole('dialog', { name: 'Is it right?' });
const row = (page: Page, id: string) => dialog(page).locator(`[data-check="${id}"]`);

/** Waits until all checks have ended, and expects that all are right. */
async function allRight(page: Page): Promise<void> {
  await expect(dialog(page).getByTestId('check-summary')).toHaveText('5 of 5 right', { timeout: 120_000 });
  for (const id of CHECKS) {
    await expect(row(page, id)).toHaveAttribute('data-state', 'passed');
    await expect(row(page, id).getByText('Right', { exact: true })).toBeVisible();
  }
}

/** The numbers in a line of a check. */
async function numbers(page: Page, id: string, name: string | RegExp): Promise<number[]> {
  const line = row(page, id).locator('dl > div').filter({ hasText: name }).first().locator('dd');
  const text = (await line.innerText()).replaceAll('−', '-').replaceAll(',', '');
  return (text.match(/-?\d+(\.\d+)?/g) ?? []).map(Number);
}

test('from About, on the visitor’s drawing: all is right, with its numbers', async ({ page }) => {
  test.setTimeout(180_000);
  await page.goto('');
  await draw(page, 3);
  await settled(reconstruction(page));
  await page.getByRole('button', { name: 'About' }).click();
  await page.getByRole('button', { name: 'Check this program' }).click();
  await expect(page.getByRole('dialog', { name: 'About Latent Canvas' })).toBeHidden();
  await expect(dialog(page).getByText('still running')).toBeVisible();
  expect(new URL(page.url()).search).toBe('?check');
  await allRight(page);

  const [error = NaN] = await numbers(page, 'gradients', 'the ELBO');
  expect(error).toBeGreaterThan(0);
  expect(error).toBeLessThan(1);

  await expect(row(page, 'bounds').getByText('the drawing on the page')).toBeVisible();
  const lines = ['ELBO, L₁', 'IWAE bound', 'Exact log p(x)', 'AIS from above'];
  const found = await Promise.all(lines.map((name) => numbers(page, 'bounds', name)));
  const values = found.map(([value = NaN]) => value);
  expect(values).toHaveLength(4);
  for (const [at, value] of values.slice(1).entries()) expect(value).toBeGreaterThan((values[at] ?? NaN) - 1);
  // The page's own exact figure of the same drawing.
  const shown = await page.locator('.evidence').innerText();
  const exact = values[2] ?? NaN;
  expect(shown.replaceAll('−', '-')).toContain(exact.toFixed(1));

  const [wanted, here] = await numbers(page, 'recorded', 'ELBO');
  expect(wanted).toBeCloseTo(recorded.elbo, 3);
  expect(here).toBeCloseTo(recorded.elbo, 2);

  expect((await numbers(page, 'memory', 'Growth'))[0]).toBe(0);
  expect((await numbers(page, 'memory', 'After 100 steps'))[0]).toBeGreaterThan(1);
  await expect(dialog(page).getByTestId('checked-build')).toContainText('WebAssembly with relaxed SIMD');

  await page.keyboard.press('Escape');
  await expect(dialog(page)).toBeHidden();
  await expect.poll(() => new URL(page.url()).search).toBe('');
});

test('by its address; axe finds nothing; run again', async ({ page }) => {
  test.setTimeout(240_000);
  await page.goto('?check');
  await expect(dialog(page)).toBeVisible();
  // The page answers while the checks run.
  await expect(dialog(page).getByText('still running')).toBeVisible();
  expect(await page.evaluate(() => document.readyState)).toBe('complete');
  await allRight(page);
  const { violations } = await new AxeBuilder({ page }).include('dialog[open]').analyze();
  expect(violations).toEqual([]);
  const before = await numbers(page, 'bounds', 'ELBO, L₁');
  await dialog(page).getByRole('button', { name: 'Run again' }).click();
  await expect(row(page, 'memory')).toHaveAttribute('data-state', 'waiting');
  await allRight(page);
  // With other draws.
  expect(await numbers(page, 'bounds', 'ELBO, L₁')).not.toEqual(before);
});

test('without the shipped model, what needs it says that it could not run', async ({ page }) => {
  test.setTimeout(120_000);
  await page.goto('');
  await settled(reconstruction(page));
  await page.route('**/models/mnist-2d.safetensors', (route) => route.abort());
  await page.getByRole('button', { name: 'About' }).click();
  await page.getByRole('button', { name: 'Check this program' }).click();
  await expect(dialog(page).getByTestId('check-summary')).toHaveText('2 of 5 right, 3 could not run here', {
    timeout: 90_000,
  });
  for (const id of ['bounds', 'finer-grid', 'recorded']) {
    await expect(row(page, id).getByText('the shipped model could not be fetched')).toBeVisible();
  }
});
