// Figures are claims: what the labs show, held against the command line on the same pixels.
import { expect, test, type Locator, type Page } from '@playwright/test';

import { reconstruction, settled } from './canvas';
import { evaluate, shipped, thresholded } from './commandLine';

/** What is called exact is off by less, here and there. */
const EXACT_NATS = 0.005;
/** Figures of two decimals are rounded. */
const ROUNDING = 0.005;

test.use({ contextOptions: { reducedMotion: 'reduce' } });

const seen = (page: Page) => page.getByRole('img', { name: 'What the model sees', exact: true });

/** The number in a text: a minus sign may be the typographer's. */
function numberIn(text: string): number {
  const found = /[−-]?\d+(?:\.\d+)?/.exec(text)?.[0] ?? 'NaN';
  return Number(found.replace('−', '-'));
}

function evidence(page: Page, name: string): Locator {
  return page.locator('.evidence dl > div', { hasText: name }).first().locator('dd');
}

/** log p(x) beside the drawing, once nothing better is on its way, and the ELBO that stands under it. */
async function ofDrawing(page: Page): Promise<{ logLikelihood: number; elbo: number }> {
  await settled(reconstruction(page));
  await expect(page.locator('.evidence [data-settled]')).toHaveAttribute('data-settled', 'true');
  let last = '';
  await expect(async () => {
    const now = (await page.locator('.evidence dd').allInnerTexts()).join();
    const same = now === last;
    last = now;
    expect(same).toBe(true);
  }).toPass({ intervals: [700] });
  return {
    logLikelihood: numberIn(await evidence(page, 'log p(x)').innerText()),
    elbo: numberIn(await evidence(page, 'ELBO').innerText()),
  };
}

for (const lab of ['draw', 'sample', 'interpolate', 'map', 'train', 'likelihood', 'posterior', 'repair']) {
  test(`log p(x) of a drawing is the command line's, with the ${lab} lab open`, async ({ page }) => {
    await page.goto(`#lab=${lab}`);
    const shown = await ofDrawing(page);
    const image = thresholded(await settled(seen(page)));
    const report = await evaluate(shipped('mnist-2d'), [image], 'quadrature');
    const [exact = NaN] = report.logLikelihoods;
    expect(report.tolerance).toBeLessThan(EXACT_NATS);
    expect(Math.abs(shown.logLikelihood - exact)).toBeLessThan(EXACT_NATS + ROUNDING);
    expect(shown.elbo).toBeLessThan(exact + ROUNDING);
  });
}

test('with many latents it is an estimate, and agrees within its error', async ({ page }) => {
  await page.goto('#model=mnist-32d');
  const shown = await ofDrawing(page);
  const text = await evidence(page, 'log p(x)').innerText();
  const standardError = numberIn(text.split('±')[1] ?? '');
  const image = thresholded(await settled(seen(page)));
  const report = await evaluate(shipped('mnist-32d'), [image], 'importance');
  const [estimate = NaN] = report.logLikelihoods;
  const error = Math.hypot(standardError + ROUNDING, report.standardError);
  // Five standard errors: one false alarm in a million, were weights normal; they are skewed, hence a little more.
  expect(Math.abs(shown.logLikelihood - estimate)).toBeLessThan(5 * error + 0.1);
});

test('PPCA knows the density of a grey drawing in closed form', async ({ page }) => {
  await page.goto('#model=ppca-32&x=grey');
  const shown = await ofDrawing(page);
  const report = await evaluate(shipped('ppca-32'), [await settled(seen(page))], 'exact');
  const [exact = NaN] = report.logLikelihoods;
  // The canvas keeps 255 levels of the grey that the model was given.
  expect(Math.abs(shown.logLikelihood - exact)).toBeLessThan(1.5);
});

test('along all three paths of Interpolate', async ({ page }) => {
  await page.goto('#lab=interpolate&interpolate=from:digit-1-0,to:digit-0-0');
  const lowest = async (path: string): Promise<number> => {
    const cell = page
      .getByRole('row', { name: new RegExp(path) })
      .getByRole('cell')
      .last();
    await expect(cell).toHaveText(/^−?\d+\.\d$/, { timeout: 60_000 });
    return numberIn(await cell.innerText());
  };
  for (const path of ['linear', 'spherical', 'geodesic']) {
    await page.getByRole('radio', { name: path }).check();
    const shown = await lowest(path);
    const frames: number[][] = [];
    for (let step = 1; step <= 17; step += 1) {
      const frame = page.getByRole('img', { name: `Interpolation frame ${String(step)}`, exact: true });
      frames.push(thresholded(await settled(frame)));
    }
    const { logLikelihoods } = await evaluate(shipped('mnist-2d'), frames, 'quadrature');
    // One decimal is shown.
    expect(Math.abs(shown - Math.min(...logLikelihoods)), path).toBeLessThan(0.05 + 2 * EXACT_NATS);
  }
});
