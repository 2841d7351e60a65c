// Every preset of the Train lab is one press from a run that goes well.
import { readFileSync } from 'node:fs';

import { expect, test } from '@playwright/test';

import { broken } from './broken';
import { open, stepsDone, trainingTests } from './training';

trainingTests();
test.use({ contextOptions: { reducedMotion: 'reduce' } });

/** Of the page's own list: a preset that the engine does not know is left out of the page in silence. */
const PRESETS = Array.from(
  readFileSync('www/labs/train/experiments.ts', 'utf8').matchAll(/^ {4}label: '(.+)',$/gm),
  ([, label]) => label ?? '',
);

/** Presets a test: a minute at one go would be a long test to find a fault in. */
const CHUNK = 7;

for (let first = 0; first < PRESETS.length; first += CHUNK) {
  const labels = PRESETS.slice(first, first + CHUNK);
  test(`presets train when pressed, without a word of complaint: ${labels.join('; ')}`, async ({ page }) => {
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    await open(page, 'images:400');
    const presets = page.getByRole('region', { name: 'You could try …' });
    await expect(presets.getByRole('button')).toHaveText(PRESETS);
    for (const label of labels) {
      const button = presets.getByRole('button', { name: label, exact: true });
      await button.click();
      // It looks pressed when the run is its own: steps of the run before are gone by then.
      await expect(button, label).toHaveAttribute('aria-pressed', 'true');
      await expect(presets.locator('[aria-pressed=true]'), label).toHaveCount(1);
      await expect
        .poll(() => stepsDone(page), { message: label, timeout: 60_000 })
        .toBeGreaterThanOrEqual(30);
      await expect(page.getByTestId('held-out-elbo'), label).toHaveText(/^−?\d/);
      expect(await broken(page), label).toEqual([]);
      for (const complaint of ['.notice.problem', '.toast.problem', '[role=alert]']) {
        await expect(page.locator(complaint), `${label}: ${complaint}`).toHaveCount(0);
      }
    }
    expect(errors).toEqual([]);
  });
}

test('the list of presets is all of them', () => {
  expect(PRESETS.length).toBeGreaterThan(20);
});
