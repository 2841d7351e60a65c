// The page as it looks under themes of high contrast, on paper, enlarged, and with other people's colours.
import { expect, test, type Locator, type Page } from '@playwright/test';

import { reconstruction, settled } from './canvas';
import { open, trainTo } from './training';

test.use({ contextOptions: { reducedMotion: 'reduce' } });

/** The share of an element's picture on screen that each colour has, by `r,g,b`. */
async function coloursOf(page: Page, element: Locator): Promise<Record<string, number>> {
  const picture = (await element.screenshot()).toString('base64');
  return page.evaluate(async (data) => {
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
    if (!context) throw new Error('no canvas');
    context.drawImage(bitmap, 0, 0);
    const pixels = context.getImageData(0, 0, bitmap.width, bitmap.height).data;
    const shares: Record<string, number> = {};
    for (let at = 0; at < pixels.length; at += 4) {
      const colour = pixels.slice(at, at + 3).join(',');
      shares[colour] = (shares[colour] ?? 0) + 4 / pixels.length;
    }
    return shares;
  }, picture);
}

/** A line or a point takes a thousandth of its figure at least. */
async function expectColours(page: Page, figure: Locator, colours: readonly string[]): Promise<void> {
  const found = await coloursOf(page, figure);
  for (const colour of colours)
    expect(found[colour], `${await nameOf(figure)}: ${colour}`).toBeGreaterThan(0.0008);
}

const nameOf = async (element: Locator): Promise<string> => (await element.getAttribute('aria-label')) ?? '';

/** What a legend shows of a colour is more than its ground. */
async function expectSwatches(page: Page): Promise<void> {
  const swatches = await page.getByRole('tabpanel').locator('.swatch:visible, .u-marker:visible').all();
  for (const swatch of swatches) {
    const legend = await swatch.evaluate((element) => element.parentElement?.textContent ?? '');
    expect.soft(Object.keys(await coloursOf(page, swatch)).length, `swatch of ${legend}`).toBeGreaterThan(1);
  }
}

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(`with forced colours, ${colorScheme}`, () => {
    test.use({ contextOptions: { reducedMotion: 'reduce', forcedColors: 'active' }, colorScheme });

    const COLOURS = {
      light: { green: '75,139,43', cobalt: '36,86,196', ochre: '217,154,30' },
      dark: { green: '127,194,92', cobalt: '109,151,255', ochre: '234,181,67' },
    }[colorScheme];

    test('bars, swatches and slider tracks are seen', async ({ page }) => {
      await page.goto('#lab=draw');
      await settled(reconstruction(page));
      await expect(page.locator('.evidence [data-settled=true]')).toBeVisible();

      const bar = await coloursOf(page, page.locator('.evidence').getByRole('img'));
      expect(bar[COLOURS.green]).toBeGreaterThan(0.3);
      expect(bar[COLOURS.cobalt]).toBeGreaterThan(0.01);

      for (const swatch of await page.locator('.swatch:visible').all()) {
        expect(Object.keys(await coloursOf(page, swatch)).length).toBeGreaterThan(1);
      }

      const slider = page.getByRole('tabpanel').getByRole('slider').first();
      const track = await coloursOf(page, slider);
      const ground = Object.entries(track).sort(([, a], [, b]) => b - a)[0]?.[0];
      const system = colorScheme === 'light' ? '0,0,0' : '255,255,255';
      expect(ground).not.toBe(system);
      expect(track[system]).toBeGreaterThan(0.03);
      expect(track[COLOURS.ochre]).toBeGreaterThan(0.001);
    });

    test('the drawing lies on its own ground, whatever theme was chosen', async ({ page }) => {
      const other = colorScheme === 'light' ? 'dark' : 'light';
      await page.addInitScript((theme) => {
        localStorage.setItem('theme', theme);
      }, other);
      await page.goto('');
      await settled(reconstruction(page));
      const colours = await coloursOf(page, page.getByLabel('Drawing canvas'));
      const [ground, ink] = other === 'dark' ? ['33,38,52', '244,239,226'] : ['255,255,255', '29,27,22'];
      expect(colours[ground ?? '']).toBeGreaterThan(0.5);
      expect(colours[ink ?? '']).toBeGreaterThan(0.03);
    });

    test('the open lab and the chosen tool can be told from the others', async ({ page }) => {
      await page.goto('#lab=draw');
      await settled(reconstruction(page));
      for (const [chosen, other] of [
        [page.getByRole('tab', { selected: true }), page.getByRole('tab', { name: 'Map' })],
        [
          page.getByRole('button', { name: 'Pen', exact: true }),
          page.getByRole('button', { name: 'Eraser', exact: true }),
        ],
      ] as const) {
        const plain = Object.keys(await coloursOf(page, other));
        const marked = Object.entries(await coloursOf(page, chosen)).filter(([, share]) => share > 0.03);
        expect(marked.some(([colour]) => !plain.includes(colour))).toBe(true);
      }
    });
  });
}

// One theme of the two: what is drawn takes its colours from the same names in both.
test.describe('with forced colours, dark', () => {
  test.use({ contextOptions: { reducedMotion: 'reduce', forcedColors: 'active' }, colorScheme: 'dark' });

  test('curves, bars and points keep their colours in Train, Likelihood and Compare', async ({ page }) => {
    await open(page);
    await trainTo(page, 40);
    const chart = (name: string): Locator => page.getByRole('figure', { name, exact: true });
    const [ink, green, cobalt, ochre] = ['241,236,223', '127,194,92', '109,151,255', '234,181,67'] as const;
    await expectColours(page, chart('ELBO over the steps of training'), [ink]);
    await expectColours(page, chart('Reconstruction over the steps of training'), [green]);
    await expectColours(page, chart('KL over the steps of training'), [cobalt]);
    await expectSwatches(page);

    await page.goto('#lab=likelihood&likelihood=seed:1,speed:fast');
    await settled(reconstruction(page));
    await expect(page.getByTestId('truth')).toHaveText(/\d/, { timeout: 60_000 });
    await page.getByRole('tabpanel').getByRole('button', { name: 'Play', exact: true }).click();
    await expect(page.locator('[data-runner=naive]')).toHaveText(/\d/);
    const race = page.getByRole('img', { name: 'Estimates of log p(x) against decoder evaluations' });
    await expect(async () => {
      await expectColours(page, race, [ochre, cobalt]);
    }).toPass({ timeout: 20_000 });
    await page.getByRole('tabpanel').getByRole('button', { name: 'Pause', exact: true }).click();
    // Grey bars: what is neither the ground nor a trace of letters.
    const bars = await coloursOf(
      page,
      page.getByRole('img', { name: 'log p(x) of test digits and of this picture' }),
    );
    const [, most] = Object.entries(bars).sort(([, a], [, b]) => b - a);
    expect(most?.[1]).toBeGreaterThan(0.05);
    await expectSwatches(page);

    await page.goto('#lab=compare');
    const plot = page.getByRole('tabpanel').locator('.plot').first();
    await expect(plot).toBeVisible({ timeout: 60_000 });
    await expect(async () => {
      await expectColours(page, plot, [cobalt]);
    }).toPass({ timeout: 40_000 });
    await expectSwatches(page);
  });
});

test('Dark Reader is told that the page has a dark theme of its own', async ({ page }) => {
  await page.goto('');
  await expect(page.locator('head meta[name="darkreader-lock"]')).toHaveCount(1);
});

test.describe('in the dark theme', () => {
  test.use({ colorScheme: 'dark' });

  test('paper is printed on in ink', async ({ page }) => {
    await page.goto('');
    await settled(reconstruction(page));
    await page.emulateMedia({ media: 'print' });
    const drawing = await coloursOf(page, page.getByLabel('Drawing canvas'));
    expect(drawing['255,255,255']).toBeGreaterThan(0.5);
    expect(drawing['29,27,22']).toBeGreaterThan(0.03);
    const words = async (): Promise<string> => page.evaluate(() => getComputedStyle(document.body).color);
    await expect.poll(words).toBe('rgb(29, 27, 22)');
    await page.emulateMedia({ media: 'screen' });
    await expect.poll(words).toBe('rgb(241, 236, 223)');
    // What only says that printing begins and ends must do as well.
    const ink = async (): Promise<string> =>
      page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--ink'));
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    expect(await ink()).toBe('#1d1b16');
    await page.evaluate(() => dispatchEvent(new Event('afterprint')));
    expect(await ink()).toBe('#f4efe2');
  });
});

test('enlarged four times, the run’s bar does not stand before what has the focus', async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 225 });
  await page.goto('#lab=train');
  const start = page.getByRole('button', { name: 'Start training', exact: true });
  await expect(start).toBeEnabled({ timeout: 60_000 });
  const field = page.getByRole('tabpanel').getByRole('textbox').last();
  await field.focus();
  await field.scrollIntoViewIfNeeded();
  expect(
    await field.evaluate((element) => {
      const { left, top, width, height } = element.getBoundingClientRect();
      return element.contains(document.elementFromPoint(left + width / 2, top + height / 2));
    }),
  ).toBe(true);
  await expect(start).not.toBeInViewport();
});
