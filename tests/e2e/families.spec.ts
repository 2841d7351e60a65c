// Whatever is registered can be trained in the tab and put on the page, without a word of complaint.
import { expect, test, type Page } from '@playwright/test';

const FAMILIES = [
  'vae',
  'ae',
  'cvae',
  'm2',
  'categorical-vae',
  'ppca',
  'factor-analysis',
  'bernoulli-mixture',
];
/** Small, so that every family trains in seconds on a slow machine. */
const SMALL: Record<string, string> = {
  'bernoulli-mixture': 'components:8',
  'categorical-vae': 'hidden:~32',
  'factor-analysis': 'latents:4',
  ppca: 'latents:4',
};
/** They are fitted to all images at once. */
const FITTED = ['ppca', 'factor-analysis', 'bernoulli-mixture'];

test('the list is the registry', async ({ page }) => {
  await page.goto('#lab=train');
  await expect(page.getByRole('button', { name: 'Start training', exact: true })).toBeEnabled();
  const options = page.getByLabel('Family').locator('option');
  const ids = await options.evaluateAll((all) => all.map((option) => (option as HTMLOptionElement).value));
  expect(ids).toEqual(FAMILIES);
});

/** Trains a model for a few steps and puts it on the page. */
async function trainAndUse(page: Page, family: string, options: string): Promise<void> {
  const batch = FITTED.includes(family) ? '' : ',batchSize:32';
  await page.goto(`#lab=train&train=images:200${batch},model:${family},${options}`);
  const start = page.getByRole('button', { name: 'Start training', exact: true });
  await expect(start).toBeEnabled({ timeout: 60_000 });
  await expect(page.getByLabel('Family')).toHaveValue(family);
  await start.click();
  const steps = async (): Promise<number> =>
    Number((await page.getByTestId('step').innerText()).replaceAll(',', ''));
  await expect.poll(steps, { timeout: 60_000 }).toBeGreaterThanOrEqual(3);
  await page.getByRole('button', { name: 'Pause training', exact: true }).click();
  await expect(start).toBeEnabled();
  await page.getByRole('button', { name: 'Use this model on the page' }).click();
  await expect(page.getByRole('button', { name: 'Update the model on the page' })).toBeVisible();
}

for (const family of FAMILIES) {
  test(`${family}: trains in the tab and draws on the page`, async ({ page }) => {
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    await trainAndUse(page, family, SMALL[family] ?? 'hidden:~32,latents:2');
    for (const lab of ['Draw', 'Sample', 'Interpolate', 'Map']) {
      await page.getByRole('tab', { name: lab, exact: true }).click();
      await expect(page.getByRole('tab', { name: lab, exact: true })).toHaveAttribute(
        'aria-selected',
        'true',
      );
      await page.waitForTimeout(500);
    }
    await expect(page.locator('.toast.problem')).toHaveCount(0);
    expect(errors).toEqual([]);
  });
}

test('an autoencoder has no bound, and nothing to sample from', async ({ page }) => {
  await trainAndUse(page, 'ae', 'hidden:~32,latents:2');
  await expect(page.getByText('no bound on it')).toBeVisible();
  await expect(page.getByText('ELBO', { exact: true })).toHaveCount(0);
  await expect(page.getByText('there is nothing to draw codes from')).toBeVisible();
  await page.getByRole('tab', { name: 'Sample', exact: true }).click();
  // The lab opens and shows why: codes of a unit normal, said as such.
  await expect(page.getByText('it has no prior')).toBeVisible();
  await expect(page.getByLabel('Codes drawn from the prior')).toHaveCount(0);
  await expect(page.getByLabel('Codes drawn from a unit normal')).toBeVisible();
  await expect(page.getByRole('img', { name: 'Pixel probabilities of the sample' })).toBeVisible();
});

test('a mixture knows log p(x) exactly, and its bound touches it', async ({ page }) => {
  await trainAndUse(page, 'bernoulli-mixture', 'components:8');
  const evidence = page.locator('.evidence');
  await expect(evidence.getByText(', exact')).toBeVisible();
  const nats = async (name: string): Promise<number> => {
    const row = evidence.locator('dl > div', { hasText: name }).first().locator('dd');
    return Number((await row.innerText()).replace('nats', '').replace('−', '-'));
  };
  // Its encoder is the posterior itself.
  await expect.poll(() => nats('gap to log p(x)')).toBeLessThan(0.06);
  expect(await nats('ELBO')).toBeCloseTo(await nats('exact'), 0);
});

test('a q that is no ellipse is drawn by contours of its draws, and the legend says so', async ({ page }) => {
  await page.goto('#model=strokes-2d');
  const marks = page.getByLabel('Latent map').locator('.encoder');
  await expect(marks.and(page.locator('ellipse')).first()).toBeAttached({ timeout: 60_000 });
  await trainAndUse(page, 'vae', 'hidden:~32,latents:2,posterior:full');
  await expect(marks.and(page.locator('path')).first()).toBeAttached();
  await expect(marks.and(page.locator('ellipse'))).toHaveCount(0);
  const legend = page.locator('.spine .legend');
  await expect(legend.getByText(/no single Gaussian with independent numbers.* 4,000 draws/)).toBeAttached();
});

test('a learned prior is not drawn as a unit normal', async ({ page }) => {
  await trainAndUse(page, 'vae', 'hidden:~32,latents:2,prior:mixture,priorComponents:5');
  await page.getByRole('tab', { name: 'Map', exact: true }).click();
  await expect(page.getByText('All codes against a unit normal')).toBeVisible();
  // Five Gaussians where training left them, not circles round 0.
  await expect(page.getByRole('checkbox', { name: 'prior', exact: true })).toBeChecked();
  await expect(page.getByTestId('prior-contours').locator('path').first()).toBeAttached();
  await expect(page.getByText('2 sd', { exact: true })).toHaveCount(0);
  await page.getByRole('tab', { name: 'Interpolate', exact: true }).click();
  // The code's density under the prior that the model has: not the unit normal's in the middle, -log 2 pi.
  await expect(page.getByText(', a unit normal')).toHaveCount(0);
  await expect(page.locator('.toast.problem')).toHaveCount(0);
});
