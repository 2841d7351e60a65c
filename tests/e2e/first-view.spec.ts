// The first view: what the HTML shows before any script has come, and how the live page takes its place.
import { expect, test, type Page } from '@playwright/test';

import { largestDifference, opacities, reconstruction, settled } from './canvas';
import { draw, inkAt } from './pen';

const spine = (page: Page) => page.getByRole('region', { name: 'Your drawing through the model' });
const figures = (page: Page) => page.locator('.nats').first().innerText();
const seen = (page: Page) => page.getByRole('img', { name: 'What the model sees', exact: true });
const drawing = (page: Page) => page.getByLabel('Drawing canvas');
const map = (page: Page) => page.getByLabel('Latent map').locator('canvas');

/** Nothing but the HTML, its styles and the script within it. */
async function withoutScripts(page: Page): Promise<void> {
  await page.route(/assets\/.*\.js$/, (route) => route.abort());
}

async function watchShifts(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const shifts: number[] = [];
    Object.assign(window, { shifts });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries())
        shifts.push((entry as PerformanceEntry & { value: number }).value);
    }).observe({ type: 'layout-shift', buffered: true });
  });
}

/** How far things have moved by themselves since the page was opened, as a share of the window. */
const shift = (page: Page): Promise<number> =>
  page.evaluate(() =>
    (window as unknown as { shifts: number[] }).shifts.reduce((sum, value) => sum + value, 0),
  );

const inked = async (page: Page): Promise<number[][]> =>
  Promise.all([drawing(page), seen(page), reconstruction(page), map(page)].map(opacities));

test('the HTML alone shows what the live page then shows', async ({ page, context }) => {
  await withoutScripts(page);
  await page.goto('');
  await expect(page.getByText('log p(x), exact')).toBeVisible();
  await page.evaluate(() => document.fonts.ready);
  const [ink = [], input = [], redrawn = [], codes = []] = await inked(page);
  const texts = await figures(page);
  for (const picture of [ink, input, redrawn, codes]) {
    expect(picture.filter((value) => value > 64).length).toBeGreaterThan(20);
  }
  expect(texts).toMatch(/−\d+\.\d\d\s+nats/);
  await expect(page.getByRole('tab', { name: 'Draw' })).toBeVisible();

  const live = await context.newPage();
  await live.goto('');
  await expect(spine(live)).toHaveAttribute('data-live', 'true');
  await settled(map(live));
  await expect(live.locator('[data-settled=true]')).toBeVisible();
  const [liveInk = [], liveInput = [], liveRedrawn = []] = await inked(live);
  expect(liveInput).toEqual(input);
  expect(largestDifference(liveInk, ink)).toBe(0);
  // The one was rounded to 255 levels, and computed by another build of the engine.
  expect(largestDifference(liveRedrawn, redrawn)).toBeLessThanOrEqual(1);
  const numbers = (text: string) =>
    (text.match(/[−\d.]+/g) ?? []).map((one) => Number(one.replace('−', '-')));
  const [before, after] = [numbers(texts), numbers(await figures(live))];
  expect(after.length).toBe(before.length);
  for (const [at, value] of before.entries()) expect(Math.abs((after[at] ?? NaN) - value)).toBeLessThan(0.11);
});

test('nothing moves, and engine, weights, codes and catalogue are asked for once', async ({ page }) => {
  const asked: string[] = [];
  const unused: string[] = [];
  page.on('request', (request) => asked.push(request.url().replace(/.*\//, '')));
  page.on('console', (message) => {
    if (message.text().includes('preload')) unused.push(message.text());
  });
  await watchShifts(page);
  await page.goto('');
  await expect(spine(page)).toHaveAttribute('data-live', 'true');
  await expect(page.locator('[data-settled=true]')).toBeVisible();
  // The browser complains of an unused preload some seconds after the page has loaded.
  await page.waitForTimeout(5_000);
  const times = (name: RegExp) => asked.filter((file) => name.test(file)).length;
  for (const name of [/\.wasm$/, /^mnist-2d\.safetensors$/, /^mnist-2d\.codes/, /^index\.json$/]) {
    expect(times(name), String(name)).toBe(1);
  }
  expect(unused).toEqual([]);
  expect(await shift(page)).toBeLessThan(1e-3);
});

test('nothing moves when the font comes late', async ({ page }) => {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route(/\.woff2$/, async (route) => {
    await held;
    await route.continue();
  });
  await watchShifts(page);
  // Its load is over only when the font has come.
  await page.goto('', { waitUntil: 'commit' });
  await expect(spine(page)).toHaveAttribute('data-live', 'true');
  expect(await page.evaluate(() => document.fonts.check('16px "Source Sans 3 Variable"'))).toBe(false);
  release();
  await expect
    .poll(() => page.evaluate(() => document.fonts.check('16px "Source Sans 3 Variable"')))
    .toBe(true);
  await page.waitForTimeout(500);
  // With the widths of the device's own font it was 0.42: the header took another line.
  expect(await shift(page)).toBeLessThan(0.005);
});

test('an address with another drawing, model or lab does not show the first picture', async ({ page }) => {
  await withoutScripts(page);
  for (const hash of ['#model=mnist-32d', '#seed=8', '#x=grey', '#lab=sample', '#d=abc']) {
    await page.goto(`?${hash.slice(1)}${hash}`);
    await expect(page.locator('#app')).toBeEmpty();
  }
  await page.goto('?plain#lab=draw&model=mnist-2d&seed=7');
  await expect(page.locator('#app')).not.toBeEmpty();
});

test('a visitor who draws before the engine has come sees no figures of another drawing', async ({
  page,
}) => {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route(/mnist-2d\.safetensors$/, async (route) => {
    await held;
    await route.continue();
  });
  await page.goto('');
  await expect(page.getByText('log p(x), exact')).toBeVisible();
  const example = await opacities(reconstruction(page));
  expect(Math.max(...example)).toBeGreaterThan(200);
  // The page itself has taken the place of its HTML.
  await expect(page.getByRole('button', { name: 'Undo', exact: true })).toBeDisabled();
  await draw(page, 3);
  await expect.poll(async () => Math.max(...(await opacities(reconstruction(page))))).toBe(0);
  await expect(page.locator('[data-settled]')).toContainText('–');
  release();
  const own = await settled(reconstruction(page));
  expect(own).not.toEqual(example);
  await expect(page.locator('[data-settled=true]')).not.toContainText('–');
});

test('what is drawn before the page itself is there stays, a stroke under way too', async ({ page }) => {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route(/assets\/.*\.js$/, async (route) => {
    await held;
    await route.continue();
  });
  await page.goto('', { waitUntil: 'commit' });
  const example = await settled(drawing(page));
  await draw(page, 1);
  const box = await drawing(page).boundingBox();
  if (!box) throw new Error('the canvas has no box');
  const to = (x: number, y: number) =>
    page.mouse.move(box.x + x * box.width, box.y + y * box.height, { steps: 4 });
  await to(0.1, 0.8);
  await page.mouse.down();
  await to(0.3, 0.8);
  release();
  await expect(spine(page)).toHaveAttribute('data-live', 'true');
  await to(0.8, 0.8);
  await page.mouse.up();
  await to(0.9, 0.2);
  expect(await settled(drawing(page))).not.toEqual(example);
  // The digit, and a line across that began on the one canvas and ended on the other; nothing after the pen was lifted.
  for (const [x, y] of [
    [0.15, 0.8],
    [0.28, 0.8],
    [0.5, 0.8],
    [0.75, 0.8],
  ] as const) {
    expect(await inkAt(page, x, y), `ink at ${String(x)}, ${String(y)}`).toBeGreaterThan(200);
  }
  expect(await inkAt(page, 0.87, 0.4)).toBe(0);
  const undo = page.getByRole('button', { name: 'Undo', exact: true });
  await undo.click();
  expect(await inkAt(page, 0.15, 0.8)).toBe(0);
  expect(Math.max(...(await opacities(drawing(page))))).toBe(255);
});

test('where the weights do not come, no figure of them stays', async ({ page }) => {
  await page.route(/mnist-2d\.safetensors$/, (route) => route.abort());
  await page.goto('');
  await expect(page.getByText('The model could not be loaded')).toBeVisible();
  expect(Math.max(...(await opacities(reconstruction(page))))).toBe(0);
  await expect(page.getByRole('button', { name: 'Model: none' })).toBeVisible();
});

test('where the worker that the HTML starts does not come, another one takes its place', async ({ page }) => {
  let asked = 0;
  await page.route(/assets\/worker-[^/]+\.js$/, (route) => {
    asked += 1;
    return asked === 1 ? route.abort() : route.continue();
  });
  await page.goto('');
  await expect(spine(page)).toHaveAttribute('data-live', 'true');
  expect(asked).toBeGreaterThan(1);
});

test('a posted link has a title, a description and a picture of the size that it says', async ({ page }) => {
  await page.goto('');
  const of = async (property: string): Promise<string> =>
    (await page.locator(`meta[property="og:${property}"]`).getAttribute('content')) ?? '';
  expect(await of('title')).toBe('Latent Canvas');
  expect((await of('description')).length).toBeGreaterThan(40);
  const size = await page.evaluate(
    async (address) => {
      const image = new Image();
      image.src = address;
      await image.decode();
      return [image.naturalWidth, image.naturalHeight];
    },
    await of('image'),
  );
  expect(size).toEqual([Number(await of('image:width')), Number(await of('image:height'))]);
  // Both themes colour the browser's own bars.
  await expect(page.locator('meta[name="theme-color"]')).toHaveCount(2);
  for (const icon of await page.locator('link[rel$="icon"]').all()) {
    const answer = await page.request.get((await icon.getAttribute('href')) ?? '');
    expect(answer.status()).toBe(200);
  }
});
