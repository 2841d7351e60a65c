// Kept on the visitor's device, the page works without a network, in one version; a newer one is offered.
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test, type Page } from '@playwright/test';

import { reconstruction, settled } from './canvas';
import { draw } from './pen';
import { type Server, serve } from './server';

test.use({ serviceWorkers: 'allow' });

let folder: string;
let server: Server;

test.beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'site-'));
  cpSync('dist', folder, { recursive: true });
  // A host that can send no headers: what isolates the page then is what keeps it.
  server = await serve(folder, '--plain');
});

test.afterEach(() => {
  server.process.kill();
  rmSync(folder, { recursive: true });
});

/** Opens the page and waits until all of it is on this device. */
async function visit(page: Page): Promise<void> {
  await page.goto(server.address);
  await settled(reconstruction(page));
  await page.getByRole('button', { name: 'About' }).click();
  await expect(page.getByText('it opens and works without a network')).toBeVisible({ timeout: 60_000 });
  await page.keyboard.press('Escape');
}

/** Puts a newer version where the page comes from. */
function deploy(): void {
  const page = join(folder, 'index.html');
  for (const ending of ['.br', '.gz']) {
    rmSync(page + ending);
    rmSync(join(folder, `serviceWorker.js${ending}`));
  }
  writeFileSync(page, readFileSync(page, 'utf8').replace('<body>', '<body data-version="newer">'));
  const keeper = join(folder, 'serviceWorker.js');
  const list = readFileSync(keeper, 'utf8');
  const changed = list.replace(/(url:"index\.html",revision:")[0-9a-f]+/, '$1newer');
  expect(changed).not.toBe(list);
  writeFileSync(keeper, changed);
}

const version = (page: Page): Promise<string | null> => page.locator('body').getAttribute('data-version');

test('after one visit the page works without a network: every lab, another model, training with threads', async ({
  page,
}) => {
  await visit(page);
  server.process.kill();
  await page.goto(server.address);
  await settled(reconstruction(page));
  await draw(page, 3);
  await settled(reconstruction(page));
  const labs = page.getByRole('tab');
  for (let at = 0; at < (await labs.count()); at += 1) {
    await labs.nth(at).click();
    await expect(page.getByRole('tabpanel').locator('canvas, svg, table').first()).toBeVisible();
    await expect(page.getByRole('alert')).toHaveCount(0);
  }
  await page.goto(`${server.address}?lang=en#model=mnist-32d`);
  await page.reload();
  await settled(reconstruction(page));
  await page.goto(`${server.address}#lab=train&train=images:400,hidden:~32,batchSize:32`);
  await page.reload();
  await page.getByRole('button', { name: 'Step', exact: true }).click();
  await expect(page.getByTestId('step')).toHaveText('1');
  // The pages of the second visit are isolated, whatever the host sends: so there are threads.
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  if (existsSync('pkg/threads')) {
    await page.getByLabel('Threads').selectOption('2');
    await expect(page.getByTestId('build')).toHaveText('relaxed-simd+threads');
  }
});

test('a newer version is offered, taken only when it is asked for, and told to other tabs', async ({
  page,
  context,
}) => {
  await visit(page);
  await draw(page, 5);
  const drawn = await settled(reconstruction(page));
  const other = await context.newPage();
  await other.goto(server.address);
  await settled(reconstruction(other));

  deploy();
  await page.reload();
  const offer = page.getByRole('status').filter({ hasText: 'There is a newer version of this page' });
  await expect(offer).toBeVisible({ timeout: 60_000 });
  // All of this tab is still of one version.
  expect(await version(page)).toBeNull();
  await offer.getByRole('button', { name: 'Take it' }).click();
  await expect.poll(() => version(page)).toBe('newer');
  await expect.poll(() => settled(reconstruction(page))).toEqual(drawn);
  await expect(offer).toHaveCount(0);

  const told = other.getByRole('status').filter({ hasText: 'opened in another tab' });
  await expect(told).toBeVisible();
  expect(await version(other)).toBeNull();
  await told.getByRole('button', { name: 'Reload' }).click();
  await expect.poll(() => version(other)).toBe('newer');
});

test.describe('a tab that was open when its files were replaced', () => {
  test.use({ serviceWorkers: 'block' });

  test('says to reload, and that keeps the drawing', async ({ page }) => {
    await page.goto(server.address);
    await draw(page, 3);
    const drawn = await settled(reconstruction(page));
    const gone = /assets\/Lab-[^/]*\.js$/;
    await page.route(gone, (route) => route.fulfill({ status: 404, body: 'There is no such file.' }));
    await page.getByRole('tab', { name: 'Map', exact: true }).click();
    const trouble = page.getByRole('tabpanel').getByRole('alert');
    await expect(trouble).toContainText('There may be a newer version of this page');
    // Nothing happens by itself.
    let loads = 0;
    page.on('load', () => (loads += 1));
    await page.waitForTimeout(1_500);
    expect(loads).toBe(0);
    await page.unroute(gone);
    await trouble.getByRole('button', { name: 'Reload the page' }).click();
    await expect.poll(() => settled(reconstruction(page))).toEqual(drawn);
    await expect(trouble).toHaveCount(0);
  });
});
