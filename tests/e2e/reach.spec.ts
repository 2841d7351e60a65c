// What is in reach: a lab that is chosen comes into view, the drawing goes along in small, all labs' names can be got at.
import { expect, test, type Page } from '@playwright/test';

import { reconstruction, settled } from './canvas';

test.use({ contextOptions: { reducedMotion: 'reduce' } });

/** In the row of labs: the Map lab has a button of the same name for its own code. */
const back = (page: Page) =>
  page.locator('.bar').getByRole('button', { name: 'Back to your drawing', exact: true });
const drawing = (page: Page) => page.getByLabel('Drawing canvas');

for (const [screen, viewport] of [
  ['a projector', { width: 1280, height: 720 }],
  ['a phone', { width: 390, height: 844 }],
] as const) {
  test.describe(screen, () => {
    test.use({ viewport });

    test(`a lab that is chosen comes into view on ${screen}, and the way back stays`, async ({ page }) => {
      await page.goto('');
      await settled(reconstruction(page));
      await expect(back(page)).toHaveCount(0);

      await page.getByRole('tab', { name: 'Map', exact: true }).click();
      const panel = page.getByRole('tabpanel', { name: 'Map' });
      await expect(panel.getByRole('application').first()).toBeInViewport({ ratio: 0.8 });
      // Names of labs and the drawing in small stay at the top, further down too.
      await page.mouse.wheel(0, 400);
      await expect(page.getByRole('tab', { name: 'Map', exact: true })).toBeInViewport();
      await back(page).click();
      await expect(drawing(page)).toBeInViewport();
      await expect(back(page)).toHaveCount(0);
    });

    test(`every lab's name can be reached by keys on ${screen}`, async ({ page }) => {
      await page.goto('');
      const tabs = page.getByRole('tab');
      await page.getByRole('tab', { selected: true }).focus();
      // It is the second one, after the Story.
      for (let at = 2; at < (await tabs.count()); at += 1) {
        await page.keyboard.press('ArrowRight');
        await expect(tabs.nth(at)).toBeFocused();
        await expect(tabs.nth(at)).toBeInViewport({ ratio: 0.99 });
        await expect(tabs.nth(at)).toHaveAttribute('aria-selected', 'true');
      }
      // From the last to the first, which is the Story, and on to the lab that is about the drawing itself.
      await page.keyboard.press('ArrowRight');
      await expect(tabs.first()).toBeFocused();
      await page.keyboard.press('ArrowRight');
      await expect(drawing(page)).toBeInViewport();
    });
  });
}

test('the labs’ names stay where they are when the drawing in small comes and goes', async ({ page }) => {
  const scrollTo = (y: number): Promise<void> =>
    page.evaluate((top) => {
      window.scrollTo(0, top);
    }, y);
  for (const width of [1440, 1280, 1024, 390]) {
    await page.setViewportSize({ width, height: 800 });
    await page.goto(`?${String(width)}#lab=map`);
    await settled(reconstruction(page));
    await scrollTo(0);
    await expect(back(page)).toHaveCount(0);
    const places = (): Promise<number[]> =>
      page.getByRole('tab').evaluateAll((tabs) => tabs.map((tab) => tab.getBoundingClientRect().x));
    const before = await places();
    await scrollTo(10_000);
    await expect(back(page)).toBeVisible();
    expect(await places(), String(width)).toEqual(before);
    await scrollTo(0);
    await expect(back(page)).toHaveCount(0);
    expect(await places(), String(width)).toEqual(before);
  }
});

test('a page that was scrolled away and back while it was busy shows no drawing in small', async ({
  page,
}) => {
  // What a browser tells of several frames in one call: out of sight, and in sight again.
  await page.addInitScript(() => {
    const Observer = window.IntersectionObserver;
    window.IntersectionObserver = class extends Observer {
      constructor(callback: IntersectionObserverCallback, options?: IntersectionObserverInit) {
        super((entries, observer) => {
          const away = entries.map(
            (entry) => ({ ...entry, isIntersecting: false }) as IntersectionObserverEntry,
          );
          callback([...away, ...entries], observer);
        }, options);
      }
    };
  });
  await page.goto('');
  await settled(reconstruction(page));
  await expect(drawing(page)).toBeInViewport();
  await expect(back(page)).toHaveCount(0);
});
