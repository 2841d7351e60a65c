// The language of the page: the browser's, the address's, or the one chosen.
import { expect, test, type Page } from '@playwright/test';

import { opacities, settled } from './canvas';
import { draw } from './pen';

const language = (page: Page) => page.locator('html').getAttribute('lang');
const live = (page: Page) => page.locator('[data-live=true]');

/** Every script that a page asks for. */
function scriptsOf(page: Page): string[] {
  const asked: string[] = [];
  page.on('request', (request) => {
    if (request.url().endsWith('.js')) asked.push(request.url().replace(/.*\//, ''));
  });
  return asked;
}

test('an English browser reads English, and fetches no other language', async ({ page }) => {
  const asked = scriptsOf(page);
  await page.goto('');
  await expect(live(page)).toBeVisible();
  expect(await language(page)).toBe('en');
  await page.getByRole('tab', { name: 'Map' }).click();
  await expect(page.getByText('Every point of this map is a code')).toBeVisible();
  expect(asked.filter((name) => name.startsWith('de-'))).toEqual([]);
});

test.describe('a German browser', () => {
  test.use({ locale: 'de-AT' });

  test('reads German from the first picture on, and a lab brings its own texts', async ({ page }) => {
    const asked = scriptsOf(page);
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto('');
    await expect(
      page.getByRole('region', { name: 'Deine Zeichnung auf dem Weg durch das Modell' }),
    ).toBeVisible();
    await expect(live(page)).toBeVisible();
    expect(await language(page)).toBe('de');
    // Those of the page and of its first lab.
    expect(asked.filter((name) => name.startsWith('de-')).length).toBe(2);
    await page.getByRole('tab', { name: 'Trainieren' }).click();
    await expect(page.getByRole('button', { name: 'Training starten' })).toBeVisible();
    await expect(page.getByText('Du könntest probieren …')).toBeVisible();
    // What the crate says of an option.
    await expect(page.getByText('Latente Variablen', { exact: true }).first()).toBeVisible();
    await expect(page.getByText('Das Training ändert die Gewichte')).toBeVisible();
    expect(asked.filter((name) => name.startsWith('de-')).length).toBe(3);
    expect(errors).toEqual([]);
  });

  test('shows its first picture before any script has come', async ({ page }) => {
    await page.route(/assets\/.*\.js$/, (route) => route.abort());
    await page.goto('');
    await expect(page.getByRole('tab', { name: 'Zeichnen' })).toBeVisible();
    const drawn = await opacities(page.getByLabel('Zeichenfläche'));
    expect(drawn.filter((value) => value > 64).length).toBeGreaterThan(20);
  });

  test('may be asked for English by the address', async ({ page }) => {
    await page.goto('?lang=en');
    await expect(page.getByRole('tab', { name: 'Draw' })).toBeVisible();
    expect(await language(page)).toBe('en');
  });
});

test('the switch keeps the drawing and the lab, and is remembered', async ({ page }) => {
  await page.goto('#lab=sample');
  await draw(page, 4);
  const seen = page.getByRole('img', { name: 'What the model sees', exact: true });
  await settled(seen);
  const before = await opacities(seen);
  const button = page.getByRole('button', { name: 'Deutsch' });
  await button.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('tab', { name: 'Ziehen' })).toHaveAttribute('aria-selected', 'true');
  expect(await language(page)).toBe('de');
  const after = page.getByRole('img', { name: 'Was das Modell sieht', exact: true });
  await settled(after);
  expect(await opacities(after)).toEqual(before);
  await page.reload();
  await expect(page.getByRole('tab', { name: 'Ziehen' })).toBeVisible();
  await page.getByRole('button', { name: 'English' }).click();
  await expect(page.getByRole('tab', { name: 'Sample' })).toBeVisible();
  expect(await language(page)).toBe('en');
});

test('without storage the address keeps the language', async ({ page }) => {
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  await page.addInitScript(() => {
    Object.defineProperty(window, 'localStorage', {
      get: () => {
        throw new DOMException('forbidden', 'SecurityError');
      },
    });
  });
  await page.goto('');
  await page.getByRole('button', { name: 'Deutsch' }).click();
  await expect(page.getByRole('tab', { name: 'Zeichnen' })).toBeVisible();
  expect(page.url()).toContain('lang=de');
  expect(errors).toEqual([]);
});
