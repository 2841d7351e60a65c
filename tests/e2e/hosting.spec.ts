// The built site on a host that knows nothing of it: below a path, without isolation headers.
import { type ChildProcess, spawn } from 'node:child_process';

import { expect, test } from '@playwright/test';

let server: ChildProcess;
let address: string;

test.beforeAll(async () => {
  server = spawn(
    process.execPath,
    ['scripts/serve.mjs', 'dist', '--base', '/someone/page/', '--no-isolation'],
    {
      env: { ...process.env, HOST: '127.0.0.1', PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  address = await new Promise<string>((found, failed) => {
    server.once('exit', () => failed(new Error('the server ended before it served')));
    server.stdout?.on('data', (text: Buffer) => {
      const match = /http:\S+/.exec(text.toString());
      if (match) found(match[0]);
    });
  });
});

test.afterAll(() => server.kill());

test('works from a sub-path of any host, and asks nobody else', async ({ page }) => {
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
});
