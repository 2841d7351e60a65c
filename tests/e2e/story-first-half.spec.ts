// The Story's chapters 1 to 13: what a figure shows is what the package computes, and no control stops without a word.
import { expect, test } from '@playwright/test';

import { inkOf, loaded, numberIn, open, reveal } from './story';

test.use({ contextOptions: { reducedMotion: 'reduce' } });

test('chapter 5: with any rows known its numbers are the package’s, and none is impossible', async ({
  page,
}) => {
  await open(page, 5);
  await reveal(page);
  const pixels = await inkOf(page);
  const model = loaded('mnist-2d');
  const says = page.getByRole('article').locator('.says');
  for (const rows of [7, 28, 5, 1]) {
    await page.getByRole('slider', { name: 'rows of your drawing that are known' }).fill(String(rows));
    await expect(says).toContainText(`${String(rows)} rows known`);
    const mask = Float32Array.from(pixels, (_, at) => Number(at < rows * 28));
    const { logLikelihood, tolerance } = model.partialPosterior(pixels, mask);
    const read = async (fact: string): Promise<number> =>
      numberIn(await page.locator(`[data-fact=${fact}]`).innerText());
    const evidence = await read('evidence');
    expect(Math.abs(evidence - logLikelihood)).toBeLessThan(tolerance + 0.006);
    // Log p(x) of the whole drawing is that of the page's first line.
    if (rows === 28)
      expect(
        Math.abs(evidence - model.logLikelihood(pixels, { estimator: 'quadrature', seed: 7 }).logLikelihood),
      ).toBeLessThan(0.015);
    const [posterior, prior, likelihood] = [
      await read('posterior'),
      await read('prior'),
      await read('likelihood'),
    ];
    expect(likelihood).toBeLessThanOrEqual(0);
    expect(Math.abs(posterior - prior - likelihood + evidence)).toBeLessThan(0.021);
  }
});

test('chapters 5 and 9: before the guess a slider stops where it says so, its scale is the whole one', async ({
  page,
}) => {
  await open(page, 5);
  const rows = page.getByRole('slider', { name: 'rows of your drawing that are known' });
  await expect(rows).toHaveAttribute('max', '28');
  await rows.fill('20');
  await expect(rows).toHaveValue('5');
  await expect(page.getByRole('article')).toContainText('up to 5 rows');
  await open(page, 9);
  const width = page.getByRole('slider', { name: 'width of q' });
  await width.fill('-3');
  await expect(width).toHaveValue('-1');
});

test('chapter 7: the draws stop with a word before the guess, and go on after it', async ({ page }) => {
  await open(page, 7);
  const more = page.getByRole('button', { name: 'Twice as many draws' });
  for (let at = 0; at < 3; at += 1) {
    await expect(more).toBeEnabled();
    await more.click();
  }
  await expect(page.getByRole('article')).toContainText('First guess, then you can go on.');
  await expect(more).toBeDisabled();
  const { answer } = await reveal(page);
  await expect(more).toBeEnabled();
  await more.click();
  await expect(page.getByRole('article')).toContainText(
    new RegExp(`${(2 * Number(answer)).toLocaleString('en')} draws`),
  );
});

test('chapter 12: the slider shows how wide q is, also of the best one', async ({ page }) => {
  await open(page, 12);
  await reveal(page);
  const width = page.getByRole('slider', { name: 'width of q' });
  await width.fill('2');
  await expect(width).toHaveAttribute('aria-valuetext', '× 4.00');
  await page.getByRole('button', { name: 'The best q' }).click();
  await expect(width).not.toHaveAttribute('aria-valuetext', '× 4.00');
  const pixels = await inkOf(page);
  const model = loaded('mnist-2d');
  const spread = ({ logVar }: { logVar: Float32Array }): number =>
    Math.exp(logVar.reduce((sum, value) => sum + value, 0) / 4);
  const times = spread(model.bestGaussian(pixels, 7)) / spread(model.encode(pixels));
  const shown = numberIn((await width.getAttribute('aria-valuetext')) ?? '');
  expect(Math.abs(shown / times - 1)).toBeLessThan(0.1);
  await page.getByRole('button', { name: 'The encoder’s q' }).click();
  await expect(width).toHaveAttribute('aria-valuetext', '× 1.00');
});
