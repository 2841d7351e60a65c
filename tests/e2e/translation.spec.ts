// A browser that translates the page wraps every text, or puts its own in its place; the page goes on beneath it.
import { expect, test, type Page } from '@playwright/test';

import { reconstruction, settled } from './canvas';
import { draw } from './pen';

test.use({ contextOptions: { reducedMotion: 'reduce' } });

type Way = 'around the page’s text' | 'in place of it';

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: true });

/** Puts each text of the page in a `<font>` in a `<font>`, as translators do. */
async function translate(page: Page, way: Way): Promise<void> {
  await page.evaluate((inPlace) => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const texts: Text[] = [];
    while (walker.nextNode()) {
      const text = walker.currentNode as Text;
      const hidden = text.parentElement?.closest('script, style, noscript, font');
      if (!hidden && text.data.trim() !== '') texts.push(text);
    }
    for (const text of texts) {
      const outer = document.createElement('font');
      const inner = outer.appendChild(document.createElement('font'));
      if (inPlace) {
        inner.textContent = text.data;
        text.replaceWith(outer);
      } else {
        text.before(outer);
        inner.append(text);
      }
    }
  }, way === 'in place of it');
}

/** The figures beside the drawing, as they are read: names and values in turn. */
async function figures(page: Page): Promise<string[]> {
  const parts = await page.locator('.evidence').locator('dt, dd').allInnerTexts();
  return parts.map((part) => part.replaceAll(/\s+/g, ' ').trim());
}

for (const way of ['around the page’s text', 'in place of it'] as const) {
  test.describe(`a translation ${way}`, () => {
    test('shows the same figures as the page alone', async ({ page, context }) => {
      const plain = await context.newPage();
      for (const one of [plain, page]) {
        await one.goto('#lab=draw');
        await settled(reconstruction(one));
        await expect(one.locator('.evidence [data-settled=true]')).toBeVisible();
        if (one === page) await translate(one, way);
        await draw(one, 3);
        await expect(one.locator('.evidence [data-settled=true]')).toBeVisible();
      }
      await expect.poll(() => figures(page)).toEqual(await figures(plain));
      await expect(page.getByText('Draw a digit here')).toHaveCount(0);

      await button(page, 'Clear drawing').click();
      await expect
        .poll(async () => (await figures(page)).filter((text) => text === '– nats'))
        .toHaveLength(5);
      await button(page, 'Undo').click();

      for (const one of [plain, page]) {
        await one.getByRole('button', { name: /^model/i }).click();
        await one
          .getByRole('group', { name: 'Models' })
          .getByRole('button', { name: /32 latents/ })
          .first()
          .click();
        await expect(one.getByText('32 latents, mean ± sd')).toBeVisible();
        await expect(one.locator('.evidence [data-settled=true]')).toBeVisible();
      }
      await expect.poll(() => figures(page)).toEqual(await figures(plain));
      expect(await page.locator('.picker').first().innerText()).toBe(
        await plain.locator('.picker').first().innerText(),
      );
    });

    test('goes on while a model trains', async ({ page }) => {
      await page.goto('#lab=train&train=images:400,hidden:~32,batchSize:32');
      await expect(button(page, 'Start training')).toBeEnabled({ timeout: 60_000 });
      await translate(page, way);
      await button(page, 'Start training').click();
      await expect(button(page, 'Pause training')).toBeVisible();
      const step = async (): Promise<string> =>
        (await page.getByTestId('step').innerText()).replaceAll(',', '');
      await expect.poll(async () => Number(await step()), { timeout: 60_000 }).toBeGreaterThan(20);
      await translate(page, way);
      const before = Number(await step());
      await expect.poll(async () => Number(await step())).toBeGreaterThan(before);
      await button(page, 'Pause training').click();
      await expect(button(page, 'Start training')).toBeVisible();
      expect(await step()).toMatch(/^\d+$/);
      expect(await button(page, 'Start training').innerText()).toBe('Start training');
    });
  });
}

test('the original comes back when the translation is taken away', async ({ page }) => {
  await page.goto('');
  await settled(reconstruction(page));
  await expect(page.locator('.evidence [data-settled=true]')).toBeVisible();
  const before = await page.locator('main').innerText();
  await translate(page, 'in place of it');
  expect(await page.locator('main').innerText()).toBe(before);
  await page.evaluate(() => {
    for (const font of document.querySelectorAll('font')) font.remove();
  });
  await expect.poll(() => page.locator('main').innerText()).toBe(before);
});
