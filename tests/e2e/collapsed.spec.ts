// A collapsed model answers every image with the prior: its codes have no width, and every figure stays one.
import { expect, test, type Page } from '@playwright/test';

import { broken } from './broken';

test.use({ contextOptions: { reducedMotion: 'reduce' } });

type Header = Record<string, { data_offsets?: [number, number] }>;

/** A safetensors file with the tensors of these names set to zero. */
function zeroed(file: Buffer, names: RegExp): Buffer {
  const start = 8 + Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.toString('utf8', 8, start)) as Header;
  const changed = Buffer.from(file);
  const found = Object.entries(header).filter(([name]) => names.test(name));
  expect(found.length).toBeGreaterThan(0);
  for (const [, { data_offsets: offsets }] of found) {
    if (offsets) changed.fill(0, start + offsets[0], start + offsets[1]);
  }
  return changed;
}

/** Lets a shipped model's encoder answer everything with a unit normal, as training with a beta of 100 does. */
async function collapse(page: Page, id: string): Promise<void> {
  for (const [address, names] of [
    [`**/models/${id}.safetensors`, /^encoder\.(mean|log_var)\./],
    [`**/models/${id}.codes.safetensors`, /^mean$/],
  ] as const) {
    await page.route(address, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: zeroed(await response.body(), names) });
    });
  }
}

for (const [id, latents] of [
  ['strokes-2d', 2],
  ['mnist-beta', 10],
  ['mnist-32d', 32],
] as const) {
  test(`every lab shows figures of a model that uses none of its ${String(latents)} latents`, async ({
    page,
  }) => {
    test.slow();
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    await collapse(page, id);
    await page.goto(`#model=${id}&lab=draw&repair=part:repair`);
    const use = page.getByTestId('latents-in-use');
    await expect(use).toContainText(`0 of ${String(latents)} latents in use`);
    await expect(use).toContainText('the model has collapsed');
    for (const [lab, sign] of [
      ['Draw', page.getByRole('slider', { name: 'z1', exact: true })],
      ['Sample', page.getByRole('img', { name: 'Pixels of the sample' })],
      ['Interpolate', page.getByRole('img', { name: 'log p(x) of the images along the three paths' })],
      ['Map', page.getByText(`0 of ${String(latents)}`, { exact: true })],
      ['Likelihood', page.getByRole('list', { name: 'Estimators of log p(x)' })],
      ['Posterior', page.getByRole('img', { name: 'Trace of z1' })],
      ['Repair', page.getByRole('img', { name: 'Completion 1', exact: true })],
      ['Compare', page.locator(`tr[data-model="${id}"][data-answered=true]`)],
    ] as const) {
      // Those of 32 latents whose figures are drawn in their codes' own scale; chains of the rest take their time.
      if (latents === 32 && !['Interpolate', 'Map', 'Compare'].includes(lab)) continue;
      await page.getByRole('tab', { name: lab, exact: true }).click();
      // With more than two latents chains repair, which takes a while.
      await expect(sign).toBeVisible({ timeout: 80_000 });
      if (lab === 'Interpolate') {
        await expect(page.locator('.charts polyline')).toHaveCount(6, { timeout: 60_000 });
      }
      await page.waitForTimeout(500);
      expect(await broken(page), lab).toEqual([]);
    }
    await expect(page.locator('.toast.problem')).toHaveCount(0);
    expect(errors).toEqual([]);
  });
}
