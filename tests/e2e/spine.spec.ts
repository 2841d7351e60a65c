// What stands around the drawing: help bubbles, the lens on the map, and the map under a finger.
import { expect, test, type Page } from '@playwright/test';

import { reconstruction, settled } from './canvas';

test.use({ contextOptions: { reducedMotion: 'reduce' } });

const map = (page: Page) => page.getByLabel('Latent map');
const lens = (page: Page) => page.getByRole('button', { name: /^Lens/ });

async function open(page: Page, hash = ''): Promise<void> {
  await page.goto(hash);
  await settled(reconstruction(page));
  await expect(page.locator('.evidence [data-settled=true]')).toBeVisible();
}

for (const [width, height] of [
  [1440, 900],
  [390, 844],
] as const) {
  for (const lab of ['draw', 'sample', 'interpolate', 'map', 'train', 'likelihood', 'posterior', 'repair']) {
    test(`help bubbles cover no number beside ${lab} at ${width} × ${height}`, async ({ page }) => {
      await page.setViewportSize({ width, height });
      await open(page, `#lab=${lab}`);
      const words = page
        .locator(lab === 'draw' ? 'main' : '#lab')
        .locator('button:has(+ [role=tooltip]):visible');
      await expect(words.first()).toBeVisible({ timeout: 60_000 });
      for (const word of await words.all()) {
        await word.scrollIntoViewIfNeeded();
        // Not by the mouse: a bar that stays in the window may lie over the word.
        await word.focus();
        const bubble = page.locator('[role=tooltip]:popover-open');
        await expect(bubble).toBeVisible();
        const covered = await bubble.evaluate((element) => {
          const box = element.getBoundingClientRect();
          return [...document.querySelectorAll('.number, dd')]
            .filter((number) => {
              const { left, right, top, bottom, width } = number.getBoundingClientRect();
              return (
                width > 0 && left < box.right && right > box.left && top < box.bottom && bottom > box.top
              );
            })
            .map((number) => number.textContent);
        });
        expect(covered, `under the bubble of ${await word.innerText()}`).toEqual([]);
        const box = await bubble.boundingBox();
        expect(box?.x).toBeGreaterThanOrEqual(0);
        expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(width);
        await word.blur();
      }
    });
  }
}

test('the lens can be dragged, moved by keyboard, closed and opened', async ({ page }) => {
  await open(page);
  const before = await lens(page).boundingBox();
  if (!before) throw new Error('there is no lens');
  const redrawn = await settled(reconstruction(page));
  await page.mouse.move(before.x + before.width / 2, before.y + before.height / 2);
  await page.mouse.down();
  await page.mouse.move(before.x + before.width / 2 + 120, before.y + before.height / 2 + 40, { steps: 4 });
  await page.mouse.up();
  await page.mouse.move(2, 2);
  const after = await lens(page).boundingBox();
  expect(after?.x).toBeCloseTo(before.x + 120, 0);
  expect(after?.y).toBeCloseTo(before.y + 40, 0);
  await page.keyboard.press('ArrowLeft');
  await expect.poll(async () => (await lens(page).boundingBox())?.x ?? NaN).toBeLessThan((after?.x ?? 0) - 5);
  // None of this points at the map.
  await expect(page.getByText('at the cursor')).toHaveCount(0);
  expect(await settled(reconstruction(page))).toEqual(redrawn);
  await page.getByRole('button', { name: 'Close the lens' }).click();
  await expect(lens(page)).toHaveCount(0);
  await expect(map(page).locator('.glass')).toHaveCount(0);
  await page.getByRole('button', { name: 'Open the lens' }).press('Enter');
  await expect(map(page).locator('.glass')).toHaveCount(1);
});

test('the exact posterior is drawn on top of the encoder’s q', async ({ page }) => {
  await open(page);
  const order = await map(page)
    .locator('.encoder, .marker, .truth')
    .evaluateAll((marks) =>
      marks.filter((mark) => !mark.closest('[clip-path]')).map((mark) => mark.classList[0]),
    );
  expect(order).toContain('encoder');
  expect(order.slice(order.indexOf('truth'))).toEqual(['truth', 'truth']);
});

test.describe('under a finger', () => {
  test.use({ hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } });

  for (const model of ['mnist-2d', 'mnist-32d']) {
    test(`the map of ${model} lets the page scroll and answers a tap`, async ({ page }) => {
      await open(page, `#model=${model}`);
      await map(page).scrollIntoViewIfNeeded();
      const box = await map(page).boundingBox();
      if (!box) throw new Error('the map has no box');
      const redrawn = await settled(reconstruction(page));
      const client = await page.context().newCDPSession(page);
      const x = box.x + 0.6 * box.width;
      const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', y?: number) =>
        client.send('Input.dispatchTouchEvent', { type, touchPoints: y === undefined ? [] : [{ x, y }] });
      const from = await page.evaluate(() => scrollY);
      await touch('touchStart', box.y + 0.7 * box.height);
      for (let step = 1; step <= 10; step += 1)
        await touch('touchMove', box.y + (0.7 - 0.05 * step) * box.height);
      await touch('touchEnd');
      await expect.poll(() => page.evaluate(() => scrollY)).toBeGreaterThan(from + 20);
      await expect(page.getByText('at the cursor')).toHaveCount(0);
      expect(await settled(reconstruction(page))).toEqual(redrawn);
      await map(page).tap({ position: { x: 0.7 * box.width, y: 0.75 * box.height } });
      await expect(page.getByText('at the cursor')).toHaveCount(1);
    });
  }
});
