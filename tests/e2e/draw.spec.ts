// The pen and what the model makes of it: by mouse, by finger, by keyboard; well drawn, badly drawn, not drawn.
import { expect, test, type Page } from '@playwright/test';

import { largestDifference, opacities, reconstruction, settled } from './canvas';
import { classify } from './classifier';
import { draw } from './pen';

test.use({ contextOptions: { reducedMotion: 'reduce' } });

const seen = (page: Page) => page.getByRole('img', { name: 'What the model sees', exact: true });
const canvas = (page: Page) => page.getByLabel('Drawing canvas');
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

async function open(page: Page, hash = ''): Promise<void> {
  await page.goto(hash);
  await settled(reconstruction(page));
}

async function clear(page: Page): Promise<void> {
  await button(page, 'Clear drawing').click();
  await expect.poll(async () => Math.max(...(await opacities(seen(page))))).toBe(0);
}

async function inkSeen(page: Page): Promise<number> {
  return (await settled(seen(page))).filter((value) => value > 127).length;
}

for (let digit = 0; digit < 10; digit += 1) {
  test(`a drawn ${digit} is redrawn as a ${digit}`, async ({ page }) => {
    await open(page, '#model=mnist-32d');
    await clear(page);
    await draw(page, digit);
    await expect(async () => {
      expect(classify(await settled(seen(page)))).toBe(digit);
      expect(classify(await settled(reconstruction(page)))).toBe(digit);
    }).toPass();
  });
}

test('tiny, huge and off-centre drawings are seen alike', async ({ page }) => {
  await open(page, '#model=mnist-32d');
  for (const [centre, scale] of [
    [[0.5, 0.5], 1],
    [[0.12, 0.86], 0.18],
    [[0.5, 0.5], 1.4],
    [[0.8, 0.25], 0.5],
  ] as const) {
    await clear(page);
    await draw(page, 2, { centre, scale });
    await expect(async () => {
      expect(classify(await settled(seen(page))), `at ${String(centre)}, ${scale}`).toBe(2);
      expect(classify(await settled(reconstruction(page)))).toBe(2);
    }).toPass();
  }
});

test('a blank canvas is said to be blank and claims nothing', async ({ page }) => {
  await open(page);
  await clear(page);
  await expect(page.getByText('Draw a digit here', { exact: true })).toBeVisible();
  await expect(button(page, 'Clear drawing')).toBeDisabled();
  await expect(page.locator('.evidence').getByText(/\d+\.\d+/)).toHaveCount(0);
});

test('one dot is a dot', async ({ page }) => {
  await open(page);
  await clear(page);
  await canvas(page).click({ position: { x: 30, y: 200 } });
  await expect.poll(() => inkSeen(page)).toBeGreaterThan(3);
});

test('undo and redo go back and forth, also through a clear', async ({ page }) => {
  await open(page);
  await clear(page);
  await draw(page, 4);
  const four = await settled(seen(page));
  await button(page, 'Undo').click();
  let stroke: number[] = [];
  await expect(async () => {
    stroke = await settled(seen(page));
    expect(largestDifference(stroke, four)).toBeGreaterThan(100);
  }).toPass();
  await button(page, 'Redo').click();
  await expect.poll(async () => largestDifference(await settled(seen(page)), four)).toBe(0);
  await page.keyboard.press('Control+z');
  await expect.poll(async () => largestDifference(await settled(seen(page)), stroke)).toBe(0);
  await page.keyboard.press('Control+Shift+z');
  await button(page, 'Clear drawing').click();
  await button(page, 'Undo').click();
  await expect.poll(async () => largestDifference(await settled(seen(page)), four)).toBe(0);
});

test('the eraser takes ink away and undo brings it back', async ({ page }) => {
  await open(page);
  await clear(page);
  await draw(page, 1);
  const before = await settled(seen(page));
  await button(page, 'Eraser').click();
  const box = await canvas(page).boundingBox();
  if (!box) throw new Error('the canvas has no box');
  await page.mouse.move(box.x + box.width * 0.3, box.y + box.height * 0.5);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.7, box.y + box.height * 0.5, { steps: 8 });
  await page.mouse.up();
  await expect.poll(async () => largestDifference(await settled(seen(page)), before)).toBeGreaterThan(100);
  await button(page, 'Undo').click();
  await expect.poll(async () => largestDifference(await settled(seen(page)), before)).toBe(0);
});

test('a fast stroke leaves no gap', async ({ page }) => {
  await open(page);
  await clear(page);
  const box = await canvas(page).boundingBox();
  if (!box) throw new Error('the canvas has no box');
  await page.mouse.move(box.x + box.width * 0.5, box.y + box.height * 0.1);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.5, box.y + box.height * 0.9);
  await page.mouse.up();
  const pixels = await settled(seen(page));
  const rows = Array.from({ length: 28 }, (_, row) =>
    pixels.slice(28 * row, 28 * row + 28).some((value) => value > 127),
  );
  expect(rows.slice(rows.indexOf(true), rows.lastIndexOf(true) + 1)).not.toContain(false);
  expect(rows.filter(Boolean).length).toBeGreaterThanOrEqual(19);
});

test('the keyboard alone draws, erases and undoes', async ({ page }) => {
  await open(page);
  await canvas(page).focus();
  await page.keyboard.press('Delete');
  await expect.poll(async () => Math.max(...(await opacities(seen(page))))).toBe(0);
  await page.keyboard.press('Enter');
  for (let step = 0; step < 12; step += 1) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect.poll(() => inkSeen(page)).toBeGreaterThan(20);
  await page.keyboard.press('Control+z');
  await expect.poll(async () => Math.max(...(await opacities(seen(page))))).toBe(0);
  await page.keyboard.press('r');
  await expect.poll(() => inkSeen(page)).toBeGreaterThan(20);
});

test.describe('with a finger', () => {
  test.use({ hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } });

  test('a vertical stroke draws and does not scroll; the page beside it does', async ({ page }) => {
    await open(page);
    await button(page, 'Clear drawing').tap();
    await expect.poll(async () => Math.max(...(await opacities(seen(page))))).toBe(0);
    const box = await canvas(page).boundingBox();
    if (!box) throw new Error('the canvas has no box');
    const client = await page.context().newCDPSession(page);
    const x = box.x + box.width / 2;
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', y?: number) =>
      client.send('Input.dispatchTouchEvent', { type, touchPoints: y === undefined ? [] : [{ x, y }] });
    await touch('touchStart', box.y + 0.15 * box.height);
    for (let step = 1; step <= 10; step += 1) {
      await touch('touchMove', box.y + (0.15 + 0.07 * step) * box.height);
    }
    await touch('touchEnd');
    await expect.poll(() => inkSeen(page)).toBeGreaterThan(20);
    expect(await page.evaluate(() => scrollY)).toBe(0);
    expect(await canvas(page).evaluate((element) => getComputedStyle(element).touchAction)).toBe('none');
    expect(await page.evaluate(() => getComputedStyle(document.body).touchAction)).not.toBe('none');
  });

  test('canvas and reconstruction stand side by side and nothing is cut off', async ({ page }) => {
    await open(page);
    const left = await canvas(page).boundingBox();
    const right = await reconstruction(page).boundingBox();
    if (!left || !right) throw new Error('a picture has no box');
    expect(right.x).toBeGreaterThan(left.x + left.width - 1);
    expect(Math.abs(right.y - left.y)).toBeLessThan(40);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBeLessThanOrEqual(390);
  });
});

/** Strokes that are no digit, through all of the field. */
async function scribble(page: Page): Promise<void> {
  const box = await canvas(page).boundingBox();
  if (!box) throw new Error('the canvas has no box');
  const points = [0.2, 0.8, 0.2, 0.8, 0.2, 0.8, 0.5, 0.5].map(
    (x, index) => [box.x + x * box.width, box.y + (0.15 + 0.1 * index) * box.height] as const,
  );
  await page.mouse.move(...(points[0] ?? [0, 0]));
  await page.mouse.down();
  for (const point of points) await page.mouse.move(...point, { steps: 8 });
  await page.mouse.up();
}

test('a drawing that two latents have no room for is told, and 32 are offered', async ({ page }) => {
  await open(page, '#model=mnist-2d');
  const told = page.getByText('An unusual drawing.');
  // Measured by the command line: half of the test digits lie below −124.8 nats, and 5 % below −189.1.
  await expect(page.getByTestId('test-digits')).toContainText('−125 (−189 to −38) nats');
  await expect(page.locator('.evidence [data-settled=true]')).toBeVisible();
  await expect(told).toHaveCount(0);
  await clear(page);
  await scribble(page);
  await expect(told).toBeVisible();
  await expect(page.getByText('less probable than 95 % of test digits')).toBeVisible();
  await button(page, 'Try 32 latents').click();
  await expect(page.getByText('32 latents, mean ± sd')).toBeVisible();
  await page.getByRole('radio', { name: 'grey' }).check();
  await expect(page.getByTestId('test-digits')).toHaveCount(0);
});

const drawsShown = (page: Page) => page.locator('.spine circle.draw');

test('resampling draws from q, shows each draw on the map, and ends where the visitor goes on', async ({
  browser,
}) => {
  const context = await browser.newContext({ reducedMotion: 'no-preference' });
  const page = await context.newPage();
  await open(page);
  const running = button(page, 'Stop resampling');
  const start = async (): Promise<void> => {
    await button(page, 'Resample z from q').click();
    await expect(running).toBeVisible();
    await expect.poll(() => drawsShown(page).count()).toBeGreaterThan(5);
  };
  // A click elsewhere.
  await start();
  await page.getByRole('heading', { name: 'Input x' }).click();
  await expect(running).toHaveCount(0);
  // A stroke: the draws are of the drawing before.
  await start();
  await canvas(page).click({ position: { x: 40, y: 40 } });
  await expect(running).toHaveCount(0);
  await expect(drawsShown(page)).toHaveCount(0);
  await expect(page.getByText('it redraws')).toBeVisible();
  // Another model.
  await start();
  await page.keyboard.press('Escape');
  await page.evaluate(() => {
    location.hash = '#lab=draw&model=strokes-2d';
  });
  await expect(running).toHaveCount(0, { timeout: 60_000 });
  await expect(drawsShown(page)).toHaveCount(0);
  // Another lab, by keyboard: its figures are of the drawing again.
  await start();
  await page.getByRole('tab', { name: 'Draw', exact: true }).focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('tab', { name: 'Sample', exact: true })).toHaveAttribute(
    'aria-selected',
    'true',
  );
  await expect(page.getByText('it redraws')).toBeVisible();
  await context.close();
});

test('the class that a model by class assumes can be picked, and the figures are of that class', async ({
  page,
}) => {
  await open(page, '#model=mnist-cvae&lab=draw');
  const own = await settled(reconstruction(page));
  const pick = page.getByLabel('Class assumed');
  await pick.selectOption('0');
  await expect(page.getByTestId('given-class')).toContainText('The model is told that this is a 0');
  await expect(page.locator('.evidence')).toContainText('y = 0');
  await expect(async () => {
    expect(largestDifference(await opacities(reconstruction(page)), own)).toBeGreaterThan(64);
    expect(decodeURIComponent(page.url())).toContain('class:0');
  }).toPass();
  const asZero = await settled(reconstruction(page));
  // The link says it.
  await page.reload();
  await expect(pick).toHaveValue('0', { timeout: 60_000 });
  await expect(async () => {
    expect(largestDifference(await opacities(reconstruction(page)), asZero)).toBeLessThan(2);
  }).toPass();
  await expect(page.locator('.toast.problem')).toHaveCount(0);
  await pick.selectOption('');
  await expect(page.getByTestId('given-class')).toHaveCount(0);
  await expect(async () => {
    expect(largestDifference(await opacities(reconstruction(page)), own)).toBeLessThan(2);
  }).toPass();
});

test('a model by class says which digit it takes the drawing for, and a press tells it so', async ({
  page,
}) => {
  await open(page, '#model=mnist-cvae&lab=draw');
  await expect(page.getByTestId('hidden-class')).toBeVisible();
  await button(page, 'Random 3').click();
  const bars = page.getByRole('group', { name: 'Class probabilities' }).getByRole('button');
  const percent = async (digit: number): Promise<number> =>
    Number(/: (\d+) %/.exec((await bars.nth(digit).getAttribute('aria-label')) ?? '')?.[1] ?? 0);
  await expect.poll(() => percent(3)).toBeGreaterThan(60);
  const all = await Promise.all(Array.from({ length: 10 }, (_, digit) => percent(digit)));
  expect(Math.abs(all.reduce((sum, value) => sum + value, 0) - 100)).toBeLessThan(5);
  await bars.nth(3).click();
  await expect(page.getByTestId('given-class')).toContainText('The model is told that this is a 3');
  await expect(bars.nth(3)).toHaveAttribute('aria-pressed', 'true');
  await expect(page.getByLabel('Class assumed')).toHaveValue('3');
  // It is asked as before it was told, and answers the same.
  await expect.poll(() => percent(3)).toBe(all[3]);
  await bars.nth(3).click();
  await expect(page.getByTestId('hidden-class')).toBeVisible();
});

test('a random digit leaves the pen as it was', async ({ page }) => {
  await open(page);
  const pen = page.getByLabel(/^Pen width/);
  const before = await pen.inputValue();
  await button(page, 'Random 4').click();
  await expect(async () => {
    expect(classify(await settled(seen(page)))).toBe(4);
  }).toPass();
  await expect(pen).toHaveValue(before);
});

test('a model of grey pixels is given grey ones, and its density above 1 is explained', async ({ page }) => {
  await open(page, '#model=ppca-32&lab=draw');
  await expect(page.getByRole('radio', { name: 'grey' })).toBeChecked();
  expect((await settled(seen(page))).some((value) => value > 40 && value < 215)).toBe(true);
  const bar = page.locator('.spine .nats .bar');
  await expect(bar).toHaveAttribute('aria-label', 'No bars: a density above 1 has a cost below 0');
  await expect(page.locator('.evidence')).toContainText('A density of grey pixels, not a probability');
  const height = (await bar.boundingBox())?.height;
  expect(height).toBeGreaterThan(0);
  // The next model is given its own kind again, and its bars stand where none were.
  await page.evaluate(() => {
    location.hash = '#lab=draw&model=mnist-2d';
  });
  await expect(page.getByRole('radio', { name: 'ink or paper' })).toBeChecked({ timeout: 60_000 });
  await expect(bar).toHaveAttribute('aria-label', /^Minus ELBO/);
  expect((await bar.boundingBox())?.height).toBe(height);
});
