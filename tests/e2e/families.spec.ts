// Whatever is registered can be trained in the tab and put on the page, without a word of complaint.
import { expect, test } from '@playwright/test';

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

test('the list is the registry', async ({ page }) => {
  await page.goto('#lab=train');
  await expect(page.getByRole('button', { name: 'Start training', exact: true })).toBeEnabled();
  const options = page.getByLabel('Family').locator('option');
  const ids = await options.evaluateAll((all) => all.map((option) => (option as HTMLOptionElement).value));
  expect(ids).toEqual(FAMILIES);
});

for (const family of FAMILIES) {
  test(`${family}: trains in the tab and draws on the page`, async ({ page }) => {
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    const own = SMALL[family] ?? 'hidden:~32,latents:2';
    await page.goto(`#lab=train&train=images:200,batchSize:32,model:${family},${own}`);
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
