// The Posterior lab: walks that can be stopped and repeated, and the ladder against the command line.
import { expect, test, type Page } from '@playwright/test';

import { settled } from './canvas';
import { evaluate, shipped, thresholded } from './commandLine';

/** The number that a fact shows: a minus sign may be the typographer's. */
async function fact(page: Page, name: string): Promise<number> {
  const text = await page.locator(`[data-fact="${name}"]`).innerText();
  return Number(/[−-]?\d+(?:\.\d+)?/.exec(text)?.[0].replace('−', '-') ?? 'NaN');
}

const trace = (page: Page) => page.getByRole('img', { name: 'Trace of z1' });

test('a walk plays, pauses, steps, is reset, and goes the same way again', async ({ page }) => {
  await page.goto('#lab=posterior');
  const play = page.getByRole('button', { name: 'Play the walk' });
  const step = page.getByRole('button', { name: 'One step of the walk' });
  await expect(play).toBeEnabled({ timeout: 60_000 });
  await settled(page.getByRole('img', { name: 'What the model sees', exact: true }));
  await page.waitForTimeout(1_500);
  await step.click();
  await expect(page.locator('[data-fact="steps"]')).toHaveText('1');
  const first = await trace(page).locator('xpath=following-sibling::span').first().textContent();
  await page.getByRole('button', { name: 'Reset the walk' }).click();
  await expect(page.locator('[data-fact="steps"]')).toHaveText('0');
  await step.click();
  await expect(page.locator('[data-fact="steps"]')).toHaveText('1');
  expect(await trace(page).locator('xpath=following-sibling::span').first().textContent()).toBe(first);

  await page.getByRole('slider', { name: 'Speed of the walk' }).fill('5');
  await play.click();
  await expect.poll(() => fact(page, 'worth'), { timeout: 60_000 }).toBeGreaterThan(50);
  const early = await fact(page, 'variation');
  await expect.poll(() => fact(page, 'variation'), { timeout: 60_000 }).toBeLessThan(0.7 * early);
  await page.getByRole('button', { name: 'Pause the walk' }).click();
  await page.waitForTimeout(500);
  const paused = await fact(page, 'steps');
  await page.waitForTimeout(500);
  expect(await fact(page, 'steps')).toBe(paused);
});

test('the ladder’s rungs are in order, and its top is the command line’s log p(x)', async ({ page }) => {
  await page.goto('#lab=posterior&posterior=part:ladder');
  const play = page.getByRole('button', { name: 'Play the climb' });
  await expect(play).toBeEnabled({ timeout: 60_000 });
  const image = thresholded(
    await settled(page.getByRole('img', { name: 'What the model sees', exact: true })),
  );
  await page.waitForTimeout(1_500);
  await play.click();
  await expect(page.getByText('400 of 400 steps')).toBeVisible({ timeout: 60_000 });
  const report = await evaluate(shipped('mnist-2d'), [image], 'quadrature');
  const truth = await fact(page, 'truth');
  expect(Math.abs(truth - (report.logLikelihoods[0] ?? NaN))).toBeLessThan(0.011);
  const [best, encoder] = [await fact(page, 'best'), await fact(page, 'encoder')];
  expect(best).toBeLessThan(truth + 0.01);
  expect(encoder).toBeLessThan(best + 0.005);
});
