// Mice, pens, fingers and palms as browsers really report them: incomplete, in odd orders, on a page that moves.
import { expect, test, type Page } from '@playwright/test';

import { opacities, reconstruction, settled } from './canvas';
import { classify } from './classifier';
import { draw, inkAt, point } from './pen';

test.use({ contextOptions: { reducedMotion: 'reduce' } });

const FINGER = { id: 21, type: 'touch' } as const;
const PEN = { id: 22, type: 'pen' } as const;

const seen = (page: Page) => page.getByRole('img', { name: 'What the model sees', exact: true });
const canvas = (page: Page) => page.getByLabel('Drawing canvas');
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

async function openBlank(page: Page): Promise<void> {
  await page.goto('');
  await settled(reconstruction(page));
  await button(page, 'Clear drawing').click();
  await expect.poll(async () => Math.max(...(await opacities(canvas(page))))).toBe(0);
}

async function fieldBox(page: Page): Promise<{ x: number; y: number; width: number; height: number }> {
  const box = await canvas(page).boundingBox();
  if (!box) throw new Error('the canvas has no box');
  return box;
}

test('a browser without coalesced events draws all the same', async ({ page }) => {
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  await page.addInitScript(() => {
    Reflect.deleteProperty(PointerEvent.prototype, 'getCoalescedEvents');
  });
  await openBlank(page);
  await draw(page, 3);
  await expect(async () => {
    expect(classify(await settled(seen(page)))).toBe(3);
  }).toPass();
  expect(errors).toEqual([]);
});

test.describe('a pointer that never comes up', () => {
  test('stops drawing when it comes back without a button', async ({ page }) => {
    await openBlank(page);
    await point(page, 'pointerdown', FINGER, [0.2, 0.2]);
    await point(page, 'pointermove', FINGER, [0.4, 0.2]);
    await point(page, 'pointermove', FINGER, [0.4, 0.8], 0);
    await point(page, 'pointermove', FINGER, [0.8, 0.8], 0);
    expect(await inkAt(page, 0.3, 0.2)).toBe(255);
    expect(await inkAt(page, 0.4, 0.6)).toBe(0);
    expect(await inkAt(page, 0.7, 0.8)).toBe(0);
    await point(page, 'pointerdown', { ...FINGER, id: 23 }, [0.2, 0.6]);
    await point(page, 'pointermove', { ...FINGER, id: 23 }, [0.6, 0.6]);
    expect(await inkAt(page, 0.4, 0.6)).toBe(255);
  });

  test('stops drawing when its capture is lost', async ({ page }) => {
    await openBlank(page);
    await point(page, 'pointerdown', FINGER, [0.2, 0.2]);
    expect(await inkAt(page, 0.2, 0.2)).toBe(255);
    await point(page, 'lostpointercapture', FINGER, [0.2, 0.2]);
    await point(page, 'pointermove', FINGER, [0.8, 0.2]);
    expect(await inkAt(page, 0.6, 0.2)).toBe(0);
  });

  test('does not keep the next one waiting', async ({ page }) => {
    await openBlank(page);
    await point(page, 'pointerdown', FINGER, [0.2, 0.2]);
    await point(page, 'pointerdown', { ...FINGER, id: 24 }, [0.2, 0.6]);
    await point(page, 'pointermove', { ...FINGER, id: 24 }, [0.7, 0.6]);
    expect(await inkAt(page, 0.5, 0.6)).toBe(255);
  });
});

test.describe('the pen', () => {
  test('beats a palm that rests on the canvas, and the palm’s dot goes', async ({ page }) => {
    await openBlank(page);
    await point(page, 'pointerdown', FINGER, [0.8, 0.85]);
    await point(page, 'pointermove', FINGER, [0.81, 0.85]);
    expect(await inkAt(page, 0.8, 0.85)).toBe(255);
    await point(page, 'pointerdown', PEN, [0.3, 0.3]);
    await point(page, 'pointermove', PEN, [0.6, 0.3]);
    await point(page, 'pointermove', FINGER, [0.82, 0.9]);
    await point(page, 'pointerup', PEN, [0.6, 0.3], 0);
    expect(await inkAt(page, 0.8, 0.85)).toBe(0);
    expect(await inkAt(page, 0.45, 0.3)).toBe(255);
    // The palm was never a step of its own.
    await button(page, 'Undo').click();
    await expect.poll(async () => Math.max(...(await opacities(canvas(page))))).toBe(0);
    await button(page, 'Undo').click();
    await expect.poll(async () => Math.max(...(await opacities(canvas(page))))).toBe(255);
  });

  test('is not disturbed by a palm that comes later', async ({ page }) => {
    await openBlank(page);
    await point(page, 'pointerdown', PEN, [0.3, 0.3]);
    await point(page, 'pointerdown', FINGER, [0.8, 0.85]);
    await point(page, 'pointermove', PEN, [0.6, 0.3]);
    expect(await inkAt(page, 0.8, 0.85)).toBe(0);
    expect(await inkAt(page, 0.45, 0.3)).toBe(255);
  });

  test('leaves no dot of a palm that the system has recognised', async ({ page }) => {
    await openBlank(page);
    await point(page, 'pointerdown', FINGER, [0.8, 0.85]);
    expect(await inkAt(page, 0.8, 0.85)).toBe(255);
    await point(page, 'pointercancel', FINGER, [0.8, 0.85], 0);
    expect(await inkAt(page, 0.8, 0.85)).toBe(0);
  });
});

for (const [what, change] of [
  [
    'the page scrolls',
    (page: Page) =>
      page.evaluate(() => {
        scrollBy(0, 100);
      }),
  ],
  ['the window becomes smaller', (page: Page) => page.setViewportSize({ width: 900, height: 800 })],
] as const) {
  test(`ink stays under the pointer when ${what} in mid-stroke`, async ({ page }) => {
    await openBlank(page);
    const before = await fieldBox(page);
    await page.mouse.move(before.x + 0.3 * before.width, before.y + 0.4 * before.height);
    await page.mouse.down();
    await page.mouse.move(before.x + 0.4 * before.width, before.y + 0.5 * before.height);
    await change(page);
    await expect
      .poll(async () => (await fieldBox(page)).y + (await fieldBox(page)).width)
      .not.toBe(before.y + before.width);
    const after = await fieldBox(page);
    await page.mouse.move(after.x + 0.7 * after.width, after.y + 0.8 * after.height, { steps: 4 });
    await page.mouse.up();
    expect(await inkAt(page, 0.7, 0.8)).toBe(255);
    expect(await inkAt(page, 0.3, 0.4)).toBe(255);
  });
}

test('the last of 20,000 points cost no more than the first', async ({ page }) => {
  test.setTimeout(240_000);
  await openBlank(page);
  const box = await fieldBox(page);
  await page.mouse.move(box.x + 0.5 * box.width, box.y + 0.5 * box.height);
  await page.mouse.down();
  const milliseconds = await canvas(page).evaluate(async (element) => {
    const { left, top, width, height } = element.getBoundingClientRect();
    const spent: number[] = [];
    for (let part = 0; part < 5; part += 1) {
      let busy = 0;
      for (let at = 4_000 * part; at < 4_000 * (part + 1); at += 1) {
        const radius = 0.1 + 0.3 * Math.abs(Math.sin(at / 7_000));
        const clientX = left + width * (0.5 + radius * Math.cos(at / 48));
        const clientY = top + height * (0.5 + radius * Math.sin(at / 47));
        const start = performance.now();
        const init = { bubbles: true, pointerId: 1, pointerType: 'mouse', buttons: 1, clientX, clientY };
        element.dispatchEvent(new PointerEvent('pointermove', init));
        // The page answers in microtasks.
        await Promise.resolve();
        busy += performance.now() - start;
        if (at % 20 === 19) await new Promise(requestAnimationFrame);
      }
      spent.push(busy);
    }
    return spent;
  });
  await page.mouse.up();
  const [first = 0, , , , last = Infinity] = milliseconds;
  // If each point cost as much as all before it, the last part would take nine times the first.
  expect(last, `milliseconds of 4,000 points each: ${milliseconds.map(Math.round).join(', ')}`).toBeLessThan(
    4 * first,
  );
  expect((await settled(seen(page))).filter((value) => value > 127).length).toBeGreaterThan(100);
});

test.describe('the page’s own example', () => {
  test('makes way for the first stroke, and undo brings it back', async ({ page }) => {
    await page.goto('');
    await expect(page.getByText('Draw a digit here', { exact: true })).toBeVisible();
    const example = await settled(seen(page));
    await expect(page.getByText('Draw a digit here', { exact: true })).toBeVisible();
    await draw(page, 3);
    await expect(page.getByText('Draw a digit here', { exact: true })).toBeHidden();
    await expect(async () => {
      expect(classify(await settled(seen(page)))).toBe(3);
    }).toPass();
    await button(page, 'Undo').click();
    await expect.poll(async () => settled(seen(page))).toEqual(example);
  });

  test('is there whole after undo, though the first stroke interrupted it', async ({ page }) => {
    await page.emulateMedia({ reducedMotion: 'no-preference' });
    await page.goto('');
    await expect.poll(async () => Math.max(...(await opacities(canvas(page))))).toBe(255);
    await draw(page, 1);
    await button(page, 'Undo').click();
    await expect(async () => {
      expect(classify(await settled(seen(page)))).toBe(6);
    }).toPass();
  });
});

test('only the keyboard shows its pen and the focus ring', async ({ page }) => {
  await openBlank(page);
  const marks = page.locator('.field.focused, .key-pen');
  await draw(page, 1);
  await expect(canvas(page)).toBeFocused();
  await expect(marks).toHaveCount(0);
  await page.keyboard.press('ArrowLeft');
  await expect(marks).toHaveCount(2);
  await draw(page, 1);
  await expect(marks).toHaveCount(0);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Shift+Tab');
  await expect(canvas(page)).toBeFocused();
  await expect(marks).toHaveCount(2);
});
