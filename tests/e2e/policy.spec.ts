// What the page may load and run is said by a Content-Security-Policy, and the page keeps to it.
import { existsSync } from 'node:fs';

import { expect, test, type Page } from '@playwright/test';

import { reconstruction, settled } from './canvas';
import { draw } from './pen';
import { type Server, serve } from './server';

declare global {
  interface Window {
    refusals: string[];
  }
}

/** Notes what the policy refuses, in the page and, by what the browser says, in its workers. */
async function watch(page: Page): Promise<string[]> {
  const said: string[] = [];
  page.on('console', (message) => {
    if (/Content.Security.Policy/i.test(message.text())) said.push(message.text());
  });
  await page.addInitScript(() => {
    window.refusals = [];
    document.addEventListener('securitypolicyviolation', (event) => {
      window.refusals.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}`);
    });
  });
  return said;
}

const refusals = (page: Page): Promise<string[]> => page.evaluate(() => window.refusals);

for (const language of ['en', 'de']) {
  test(`nothing that the page does is against its policy, in ${language}`, async ({ page }) => {
    const said = await watch(page);
    await page.goto(`?lang=${language}`);
    const labs = page.getByRole('tab');
    await settled(page.locator('canvas').first());
    await expect(labs.first()).toBeVisible();
    for (let at = 0; at < (await labs.count()); at += 1) {
      await labs.nth(at).click();
      await expect(page.getByRole('tabpanel')).toBeVisible();
      await page.waitForTimeout(300);
    }
    await page.goto(`?lang=${language}&present`);
    await expect(page.getByRole('tab').first()).toBeVisible();
    expect(await refusals(page)).toEqual([]);
    expect(said).toEqual([]);
  });
}

test('its own shares and training are not against its policy', async ({ page }) => {
  const said = await watch(page);
  await page.goto('#lab=train&train=images:400,hidden:~32,batchSize:32');
  await page.getByRole('button', { name: 'Step', exact: true }).click();
  await expect(page.getByTestId('step')).toHaveText('1');
  if (existsSync('pkg/threads')) {
    await page.getByLabel('Threads').selectOption('2');
    await expect(page.getByTestId('build')).toHaveText('relaxed-simd+threads');
  }
  await page.getByRole('button', { name: 'Share: QR code, picture, code' }).click();
  await expect(page.getByRole('img', { name: 'QR code of the link' })).toBeVisible();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save a picture (PNG)' }).click();
  await download;
  expect(await refusals(page)).toEqual([]);
  expect(said).toEqual([]);
});

test('the policy refuses other hosts, scripts that are written in, and text as a script', async ({
  page,
}) => {
  const said = await watch(page);
  await page.goto('');
  await settled(reconstruction(page));
  await draw(page, 7);
  const tried = await page.evaluate(async () => {
    const why = (error: unknown): string => (error as Error).name;
    const other = await fetch('https://elsewhere.example/').then(() => 'answered', why);
    const script = document.createElement('script');
    script.textContent = 'window.ran = true';
    document.body.append(script);
    // In a task of the page's own: what a test evaluates is under no policy.
    const text = await new Promise<string>((done) => {
      setTimeout(() => {
        try {
          done(String(new Function('return 1')()));
        } catch (error) {
          done(why(error));
        }
      });
    });
    return { other, ran: 'ran' in window, text };
  });
  expect(tried).toEqual({ other: 'TypeError', ran: false, text: 'EvalError' });
  // Once by the header and once by the meta tag.
  const kinds = (await refusals(page)).map((one) => one.split(' ')[0]);
  expect(new Set(kinds)).toEqual(new Set(['connect-src', 'script-src-elem', 'script-src']));
  expect(said).not.toEqual([]);
});

test('workers are under the same policy where a host sends it', async ({ page, baseURL }) => {
  const policy = async (path: string): Promise<string | undefined> =>
    (await page.request.get(new URL(path, baseURL).href)).headers()['content-security-policy'];
  await page.goto('');
  const inPage = await page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute('content');
  const script = await page.evaluate(
    () => performance.getEntriesByType('resource').find(({ name }) => /worker-.*\.js$/.test(name))?.name,
  );
  expect(inPage).toContain("default-src 'self'");
  expect(await policy(script ?? '')).toBe(inPage);
});

test.describe('on a host that sends no headers', () => {
  let server: Server;
  test.beforeAll(async () => {
    server = await serve('dist', '--plain');
  });
  test.afterAll(() => server.process.kill());

  test('the policy is in the page itself', async ({ page }) => {
    await page.goto(server.address);
    await settled(reconstruction(page));
    const refused = await page.evaluate(() =>
      fetch('https://elsewhere.example/').then(
        () => false,
        () => true,
      ),
    );
    expect(refused).toBe(true);
  });
});
