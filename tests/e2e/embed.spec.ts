// The page in a frame of another page, and on a projector.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { expect, test, type Page } from '@playwright/test';

import { settled } from './canvas';
import { chapter, CHAPTERS } from './story';
import { SMALL } from './training';

test('one lab alone in a frame, which tells the page around it how tall it is', async ({ page, baseURL }) => {
  await page.route('**/notes.html', (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: `<!doctype html><iframe src="${baseURL ?? ''}?embed=map" style="width:100%;border:0"></iframe>
        <script>
          addEventListener('message', ({ data }) => {
            if (data.type === 'latent-canvas:height') document.querySelector('iframe').style.height = data.height + 'px';
          });
        </script>`,
    }),
  );
  await page.goto('notes.html');
  const frame = page.frameLocator('iframe');
  await settled(frame.locator('canvas').first());
  // Nothing but the lab, and a way to the whole page.
  await expect(frame.getByRole('tablist', { name: 'Labs' })).toHaveCount(0);
  await expect(frame.getByLabel('Drawing canvas')).toHaveCount(0);
  await expect(frame.getByRole('link', { name: 'Map in Latent Canvas' })).toBeVisible();
  const inner = frame.getByRole('main');
  await expect
    .poll(async () => {
      const outside = await page.locator('iframe').evaluate((element) => element.clientHeight);
      return outside - (await inner.evaluate((element) => Math.ceil(element.getBoundingClientRect().height)));
    })
    .toBe(0);
  // A narrower page makes the lab taller, and the frame follows.
  const before = await page.locator('iframe').evaluate((element) => element.clientHeight);
  await page.setViewportSize({ width: 420, height: 900 });
  await expect
    .poll(() => page.locator('iframe').evaluate((element) => element.clientHeight))
    .toBeGreaterThan(before);
});

test.describe('in a frame of another site', () => {
  let around: Server;
  /** Serves a page with the frame from another host name, which is another site. */
  test.beforeAll(async () => {
    around = await new Promise<Server>((done) => {
      const server = createServer((request, response) => {
        const frame = decodeURIComponent((request.url ?? '').slice(2));
        response.setHeader('Content-Type', 'text/html');
        response.end(`<!doctype html>${frame}`);
      }).listen(0, 'localhost', () => {
        done(server);
      });
    });
  });
  test.afterAll(() => around.close());

  const address = (frame: string): string =>
    `http://localhost:${String((around.address() as AddressInfo).port)}/?${encodeURIComponent(frame)}`;

  test('a lab trains, and says once that nothing is kept', async ({ page, baseURL }) => {
    const inside = `${baseURL ?? ''}?embed=train#lab=train&train=${SMALL}`;
    await page.goto(address(`<iframe src="${inside}" width="1200" height="1400"></iframe>`));
    const frame = page.frameLocator('iframe');
    await frame.getByRole('button', { name: 'Step', exact: true }).click();
    await expect(frame.getByTestId('step')).toHaveText('1');
    await expect(frame.getByText('the browser forbids storage to this page')).toHaveCount(1);
  });

  test('with a sandbox that lets nothing run, a sentence says why', async ({ page, baseURL }) => {
    await page.goto(
      address(
        `<iframe sandbox="allow-scripts" src="${baseURL ?? ''}?embed=map" width="900" height="500"></iframe>`,
      ),
    );
    const frame = page.frameLocator('iframe');
    await expect(frame.getByText('Latent Canvas cannot run here')).toBeVisible();
    await expect(frame.getByText('Latent Canvas läuft hier nicht')).toBeVisible();
    await expect(frame.getByRole('link', { name: 'open the page itself' })).toBeVisible();
    await expect(frame.getByRole('heading', { name: 'Latent Canvas' })).toBeHidden();
  });
});

test('a lab that is not there is told', async ({ page }) => {
  await page.goto('?embed=nothing');
  await expect(page.getByText('there is no lab “nothing”')).toBeVisible();
});

test('for a projector the page is larger, with a large pointer and fewer controls', async ({ page }) => {
  await page.goto('');
  await settled(page.getByLabel('Latent map').locator('canvas'));
  const size = () =>
    page.getByRole('tab', { name: 'Draw' }).evaluate((tab) => parseFloat(getComputedStyle(tab).fontSize));
  const usual = await size();
  await page.goto('?present');
  await settled(page.getByLabel('Latent map').locator('canvas'));
  expect(await size()).toBeGreaterThanOrEqual(1.24 * usual);
  await expect(page.getByRole('button', { name: 'About' })).toBeHidden();
  const cursor = await page
    .getByLabel('Drawing canvas')
    .evaluate((canvas) => getComputedStyle(canvas).cursor);
  expect(cursor).toContain('url(');
});

/** Which parts of the chapter’s figure lie over each other, or reach beyond the window. Chapter 5’s red line stands 6 px out of its picture. */
const crowded = (page: Page): Promise<string[]> =>
  page
    .getByRole('article')
    .locator('.figure')
    .evaluate((figure) => {
      const found: string[] = [];
      if (document.documentElement.scrollWidth > document.documentElement.clientWidth) found.push('too wide');
      const grids = [...figure.querySelectorAll('*')].filter(
        (one) => getComputedStyle(one).display === 'grid',
      );
      for (const grid of grids) {
        const parts = [...grid.children]
          .filter(
            (part) => getComputedStyle(part).position !== 'absolute' && part.getClientRects().length > 0,
          )
          // What a part holds may reach farther than its own box.
          .map((part) => ({ part, box: part.getBoundingClientRect(), reach: part.scrollWidth }));
        for (const { part, box, reach } of parts) {
          for (const other of parts) {
            const right = box.left + Math.max(box.width, reach);
            const across = Math.min(right, other.box.right) - Math.max(box.left, other.box.left);
            const down = Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top);
            if (part !== other.part && other.box.left >= box.left && across > 8 && down > 1) {
              found.push(`${part.className} over ${other.part.className}`);
            }
          }
        }
      }
      return found;
    });

for (const [width, height] of [
  [1024, 768],
  [1280, 720],
  [1920, 1080],
] as const) {
  test(`on a projector of ${width} × ${height} no part of a chapter lies over another`, async ({ page }) => {
    await page.setViewportSize({ width, height });
    await page.goto('?present#lab=story&story=chapter:1');
    for (const number of CHAPTERS) {
      await expect(chapter(page, number)).toBeVisible();
      await expect(page.getByRole('article').locator('[data-part]:visible').first()).toBeVisible();
      await expect.poll(() => crowded(page), `chapter ${number}`).toEqual([]);
      await page.keyboard.press('ArrowRight');
    }
  });
}
