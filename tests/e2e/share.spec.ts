// The ways to share what is on screen: link, QR code, picture, code.
import { readFileSync } from 'node:fs';

import { expect, test } from '@playwright/test';

import { opacities, reconstruction, settled } from './canvas';
import { draw } from './pen';

test('link, QR code, picture and code are of the drawing on screen', async ({ page }) => {
  await page.goto('');
  await draw(page, 3);
  await settled(reconstruction(page));
  const seen = await opacities(page.getByRole('img', { name: 'What the model sees', exact: true }));
  await page.getByRole('button', { name: 'Share: QR code, picture, code' }).click();
  const dialog = page.getByRole('dialog', { name: 'Share what is on screen' });

  const link = await dialog.getByLabel(/^Link/).inputValue();
  expect(link).toBe(page.url());
  expect(link).toContain('d=');
  // The code of the link, or why there is none.
  await expect(
    dialog.getByRole('img', { name: 'QR code of the link' }).or(dialog.getByText('too long for a QR code')),
  ).toBeVisible();

  const hexadecimal = seen.map((value) => value.toString(16).padStart(2, '0')).join('');
  const examples = { 'Python (PyTorch)': 'py', Rust: 'rs', JavaScript: 'mjs' };
  for (const [language, ending] of Object.entries(examples)) {
    await dialog.getByRole('button', { name: language }).click();
    const shown = await dialog.getByRole('region', { name: `Code in ${language}` }).textContent();
    // The program that scripts/examples.test.mjs runs, with this drawing.
    const tested = readFileSync(`examples/drawing.${ending}`, 'utf8').replace(/[0-9a-f]{1568}/, hexadecimal);
    expect(shown?.trim()).toBe(tested.trim());
  }

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    dialog.getByRole('button', { name: 'Save a picture (PNG)' }).click(),
  ]);
  const bytes = readFileSync(await download.path());
  // A PNG says its size in bytes 16 to 23.
  expect(bytes.subarray(1, 4).toString()).toBe('PNG');
  expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([1380, 560]);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
});

test('the QR code of a page that nobody has drawn on is there', async ({ page }) => {
  await page.goto('');
  await settled(reconstruction(page));
  await page.getByRole('button', { name: 'Share: QR code, picture, code' }).click();
  const code = page.getByRole('img', { name: 'QR code of the link' });
  await expect(code).toBeVisible();
  // The smallest code has 441 modules, about half of them dark, each drawn as a square.
  const squares = (await code.locator('path').getAttribute('d'))?.match(/M/g) ?? [];
  expect(squares.length).toBeGreaterThan(200);
});
