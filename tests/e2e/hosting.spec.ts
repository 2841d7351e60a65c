// The built site on a host that knows nothing of it: below a path, without isolation headers.
import { expect, test } from '@playwright/test';

import { type Server, serve } from './server';

let server: Server;

test.beforeAll(async () => {
  server = await serve('dist', '--base', '/someone/page/', '--plain');
});

test.afterAll(() => server.process.kill());

test('works from a sub-path of any host, and asks nobody else', async ({ page }) => {
  const { address } = server;
  const strangers: string[] = [];
  const missing: string[] = [];
  const errors: string[] = [];
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(address) && !/^(?:data|blob):/.test(url)) strangers.push(url);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) missing.push(`${response.status()} ${response.url()}`);
  });
  page.on('pageerror', (error) => errors.push(error.message));

  await page.goto(address);
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
  const reconstruction = page.getByRole('img', { name: 'Reconstruction', exact: true });
  await expect(reconstruction).toBeVisible();
  // The model has answered once the canvas holds more than one shade.
  await expect
    .poll(() =>
      reconstruction.evaluate((canvas: HTMLCanvasElement) => {
        const context = canvas.getContext('2d');
        const data = context?.getImageData(0, 0, canvas.width, canvas.height).data;
        return new Set(data).size;
      }),
    )
    .toBeGreaterThan(10);
  expect({ strangers, missing, errors }).toEqual({ strangers: [], missing: [], errors: [] });

  // Without isolation there are no threads, and training needs none.
  await page.goto(`${address}#lab=train&train=images:400,hidden:~32,batchSize:32`);
  await expect(page.getByTestId('build')).toHaveText('relaxed-simd');
  await expect(page.getByLabel('Threads')).toHaveCount(0);
  await page.getByRole('button', { name: 'Step', exact: true }).click();
  await expect(page.getByTestId('step')).toHaveText('1');
});
