// The Compare lab on the built site: one drawing through every model, and what sets models apart.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { AxeBuilder } from '@axe-core/playwright';
import { expect, test, type Locator, type Page } from '@playwright/test';

import type { CatalogueEntry } from '../../www/state/catalogue';
import { readCodes } from '../../www/state/safetensors';
import { gridImages, largestDifference, opacities, settled } from './canvas';
import { evaluate, factorsOf, isTakenFor, shipped } from './commandLine';

test.use({ contextOptions: { reducedMotion: 'reduce' } });

const FOLDER = 'www/public/models';
const { models } = JSON.parse(readFileSync(join(FOLDER, 'index.json'), 'utf8')) as {
  models: CatalogueEntry[];
};
/** Models that differ in one option only stand in a part of their own. */
const catalogue = models.filter(({ series }) => series === undefined);
const betas = models.filter(({ series }) => series === 'beta');

const lab = (page: Page): Locator => page.getByRole('tabpanel', { name: 'Compare' });
const rowOf = (page: Page, id: string): Locator =>
  lab(page).locator(`tr[data-model="${id}"][data-answered=true]`);
const numberIn = (text: string): number =>
  Number((/[−-]?\d+(?:\.\d+)?/.exec(text)?.[0] ?? 'NaN').replace('−', '-'));
const read = async (place: Locator): Promise<number> => numberIn(await place.innerText());
const picture = (place: Page | Locator, name: string): Locator =>
  place.getByRole('img', { name, exact: true });

async function open(page: Page, settings: string): Promise<void> {
  await page.goto(`#lab=compare&compare=${settings}`);
}

test.describe('Every model', () => {
  test.beforeEach(async ({ page }) => {
    await open(page, 'part:table');
    for (const { id } of catalogue) await expect(rowOf(page, id)).toBeVisible({ timeout: 80_000 });
  });

  test('log p(x) and KL are the command line’s on the same pixels', async ({ page }) => {
    for (const { id, label, pixels } of catalogue) {
      const row = rowOf(page, id);
      if (id === 'mnist-ae-2d') {
        await expect(row).toContainText('it has no p(x)');
        await expect(row).toContainText('no prior to draw from');
        continue;
      }
      const image = await opacities(picture(row, `What ${label} sees`));
      const exact = id.endsWith('-2d') ? 'quadrature' : pixels === 'grey' ? 'exact' : undefined;
      const report = await evaluate(shipped(id), [image], exact ?? 'importance');
      const shown = await read(row.locator('[data-fact=evidence]'));
      const kind = await row.locator('[data-column="log p(x)"]').innerText();
      const error = exact ? 0 : numberIn(/±\s*([\d.]+)/.exec(kind)?.[1] ?? 'NaN');
      // One decimal is shown. Of grey pixels the canvas has 255 levels, each of which moves a density by a little.
      const rounding = pixels === 'grey' ? 3 : 0.06;
      const most = rounding + (report.tolerance ?? 0) + 5 * (error + (exact ? 0 : report.standardError));
      expect(Math.abs(shown - (report.logLikelihoods[0] ?? NaN)), `${id}: ${kind}`).toBeLessThan(most);
      // Of models that sum over classes, KL depends on the draws.
      if (id !== 'mnist-cvae' && id !== 'mnist-m2' && id !== 'mnist-32d') {
        expect(Math.abs((await read(row.locator('[data-fact=kl]'))) - report.kl), id).toBeLessThan(
          pixels === 'grey' ? 1 : 0.06,
        );
      }
    }
  });

  test('the figure has the catalogue’s means and the rows’ figures', async ({ page }) => {
    const words =
      (await lab(page)
        .getByRole('img', { name: /^Rate and distortion/ })
        .getAttribute('aria-label')) ?? '';
    const drawn = catalogue.filter(({ pixels, elbo }) => pixels === 'black or white' && elbo !== undefined);
    expect(drawn.length).toBeGreaterThanOrEqual(5);
    for (const { id, label, elbo = NaN, reconstruction = NaN } of drawn) {
      const part = words.slice(words.indexOf(`${label}: test digits`));
      const [rate, distortion, drawnRate, drawnDistortion] = [
        ...part.matchAll(/(?:rate|distortion) (\d+\.\d)/g),
      ].map(([, value]) => Number(value));
      expect(rate).toBeCloseTo(reconstruction - elbo, 0.9);
      expect(distortion).toBeCloseTo(-reconstruction, 0.9);
      expect(drawnRate).toBe(await read(rowOf(page, id).locator('[data-fact=kl]')));
      expect(drawnDistortion).toBe(-(await read(rowOf(page, id).locator('[data-fact=reconstruction]'))));
    }
    expect(words).not.toContain('principal components');
    expect(words).not.toContain('autoencoder');
  });

  test('another drawing goes through all of them, and bits are nats over log 2', async ({ page }) => {
    const seen = picture(rowOf(page, 'mnist-2d'), 'What MNIST, 2 latents sees');
    const before = await opacities(seen);
    await page.getByRole('button', { name: 'a letter' }).click();
    await expect(lab(page).locator('tr.old').first()).toBeVisible();
    for (const { id } of catalogue) await expect(rowOf(page, id)).toBeVisible({ timeout: 80_000 });
    expect(await opacities(seen)).not.toEqual(before);
    const shown = rowOf(page, 'mnist-2d').locator('[data-fact=evidence]');
    const nats = await read(shown);
    await page
      .getByRole('group', { name: 'Unit of information' })
      .first()
      .getByRole('button', { name: 'bits' })
      .click();
    await expect(async () => {
      expect(Math.abs((await read(shown)) - nats / Math.LN2)).toBeLessThan(0.13);
    }).toPass();
  });
});

test('no model but the page’s is fetched before a part asks for it', async ({ page }) => {
  const fetched: string[] = [];
  page.on('request', (request) => {
    if (/models\/[\w-]+\.safetensors$/.test(request.url())) fetched.push(request.url());
  });
  await page.goto('#lab=draw');
  await settled(picture(page, 'Reconstruction'));
  expect(
    fetched.filter((address) => !address.includes('codes')).map((address) => address.split('/').at(-1)),
  ).toEqual(['mnist-2d.safetensors']);
  await open(page, 'part:linear');
  await expect(lab(page).locator('[data-model="mnist-32d"] [data-fact=squared-error]')).toBeVisible({
    timeout: 60_000,
  });
  expect(fetched.some((address) => address.includes('cvae'))).toBe(false);
});

test('the likeliest class is the one that the command line takes the drawing for', async ({ page }) => {
  await open(page, 'part:classes');
  const knowing = catalogue.filter(({ classError }) => classError !== undefined);
  expect(knowing.length).toBeGreaterThanOrEqual(1);
  for (const { id, label, classError = NaN } of knowing) {
    const section = lab(page).locator(`section[data-model="${id}"][data-answered=true]`);
    await expect(section).toBeVisible({ timeout: 60_000 });
    await expect(section).toContainText(`${(100 * classError).toFixed(1)} % of the test digits`);
    const buttons = section.getByRole('button', { name: /^Class \d/ });
    const shares = (
      await buttons.evaluateAll((all) => all.map((one) => one.getAttribute('aria-label') ?? ''))
    ).map((name) => (name.includes('<') ? 0 : numberIn(name.slice(name.indexOf(':')))));
    expect(shares).toHaveLength(10);
    const total = shares.reduce((sum, share) => sum + share, 0);
    expect(Math.abs(total - 100)).toBeLessThan(1.1);
    const best = shares.indexOf(Math.max(...shares));
    // The page’s own pixels, in black and white.
    const image = (await opacities(picture(page, 'What the model sees'))).map((level) =>
      level >= 128 ? 255 : 0,
    );
    expect(await isTakenFor(shipped(id), image, best)).toBe(true);
    expect(await isTakenFor(shipped(id), image, (best + 1) % 10)).toBe(false);
    // Read under its own class, the style gives the drawing back.
    await expect(buttons.nth(best)).toHaveAttribute('aria-pressed', 'true');
    const own = await opacities(picture(section, `Your style as ${String(best)}, ${label}`));
    const other = await opacities(picture(section, `Your style as ${String((best + 5) % 10)}, ${label}`));
    const away = (shown: readonly number[]): number =>
      shown.reduce((sum, level, at) => sum + (level - (image[at] ?? 0)) ** 2, 0);
    expect(away(own)).toBeLessThan(away(other));
  }
  await lab(page)
    .getByRole('button', { name: /^Class 2/ })
    .first()
    .press('Enter');
  await expect(page).toHaveURL(/label(?::|%3A)2/);
  await expect(
    lab(page)
      .getByRole('button', { name: /^Class 2/ })
      .first(),
  ).toHaveAttribute('aria-pressed', 'true');
});

test('both decoders are shown the same draws, and their codes are spread as shipped', async ({ page }) => {
  await open(page, 'part:autoencoder');
  const spread: number[] = [];
  for (const id of ['mnist-ae-2d', 'mnist-2d']) {
    const section = lab(page).locator(`section[data-model="${id}"]`);
    await expect(section).toBeVisible({ timeout: 60_000 });
    const bytes = readFileSync(join(FOLDER, `${id}.codes.safetensors`));
    const codes = readCodes(new Uint8Array(bytes));
    const sd = [0, 1].map((axis) => {
      const values = Array.from({ length: codes.count }, (_, row) => codes.mean[2 * row + axis] ?? NaN);
      const mean = values.reduce((sum, value) => sum + value, 0) / codes.count;
      return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / codes.count);
    });
    const shown = (await section.locator('[data-fact=spread]').innerText()).split('and').map(numberIn);
    sd.forEach((value, axis) => {
      expect(shown[axis]).toBeCloseTo(value, 1.9);
    });
    spread.push(...sd);
  }
  expect(Math.min(...spread.slice(0, 2))).toBeGreaterThan(5 * Math.max(...spread.slice(2)));
  const grid = picture(page, 'MNIST, 2 latents, codes from a unit normal');
  const before = await settled(grid);
  await lab(page).getByRole('button', { name: 'redraw' }).click();
  await expect(page).toHaveURL(/dice(?::|%3A)1/);
  await expect(async () => {
    expect(await opacities(grid)).not.toEqual(before);
  }).toPass();
});

test('blur is a mean: of pixels drawn, and measured', async ({ page }) => {
  await open(page, 'part:blurry');
  const probabilities = await settled(picture(page, 'Probabilities of ink'));
  const eight = await gridImages(picture(page, 'Eight draws of the pixels'), 2);
  expect(eight).toHaveLength(8);
  expect(eight.flat().every((level) => level === 0 || level === 255)).toBe(true);
  const mean = (await opacities(picture(page, 'Mean of eight draws'))).map((level) => level / 255);
  mean.forEach((value, pixel) => {
    const drawn = eight.reduce((sum, image) => sum + (image[pixel] ?? 0) / 255 / 8, 0);
    expect(Math.abs(value - drawn)).toBeLessThan(0.003);
  });
  // Five standard errors of a share of 400, and roundings.
  const many = await opacities(picture(page, 'Mean of 400 draws'));
  expect(largestDifference(many, probabilities)).toBeLessThan(5 * 255 * Math.sqrt(0.25 / 400) + 2);

  const bars = lab(page).getByRole('region', { name: 'Sharpness' }).locator('.row');
  await expect(bars).toHaveCount(3, { timeout: 60_000 });
  const shown = await read(
    bars.locator('xpath=self::*[@data-model="mnist-2d"]').locator('[data-fact=drawing]'),
  );
  const ps = probabilities.map((level) => level / 255);
  const sharpness = ps.reduce((sum, p) => sum + p * p, 0) / ps.reduce((sum, p) => sum + p, 0);
  expect(Math.abs(shown - sharpness)).toBeLessThan(0.01);
  const means = await bars.locator('[data-fact=digits]').allInnerTexts();
  expect(numberIn(means.at(-1) ?? '')).toBeGreaterThan(numberIn(means[0] ?? ''));
});

test('linear models add up, a deep decoder bends', async ({ page }) => {
  await open(page, 'part:linear');
  const bends: number[][] = [];
  for (const [id, label] of [
    ['ppca-32', 'MNIST, principal components'],
    ['fa-32', 'MNIST, factor analysis'],
    ['mnist-32d', 'MNIST, 32 latents'],
  ] as const) {
    const section = lab(page).locator(`section[data-model="${id}"]`);
    const error = section.locator('[data-fact=squared-error]');
    await expect(error).toBeVisible({ timeout: 60_000 });
    const given = await opacities(picture(section, `What ${label} is given`));
    const redrawn = await opacities(picture(section, `${label} redraws`));
    const squared =
      given.reduce((sum, level, at) => sum + ((level - (redrawn[at] ?? 0)) / 255) ** 2, 0) / given.length;
    expect(Math.abs((await read(error)) - squared)).toBeLessThan(0.0005);
    bends.push((await section.locator('[data-fact=bend]').allInnerTexts()).map(numberIn));
  }
  const [components = [], factors = [], deep = []] = bends;
  for (const linear of [components, factors]) {
    expect(linear).toHaveLength(4);
    // What is cut at pure paper and pure ink is all that bends it.
    expect(Math.max(...linear)).toBeLessThan(0.5 * Math.min(...deep));
  }
});

test.describe('Strokes as latents', () => {
  test('what latents know of factors is the command line’s', async ({ page }) => {
    await open(page, 'part:factors');
    const table = lab(page).getByRole('table');
    await expect(table).toHaveAttribute('aria-busy', 'false', { timeout: 80_000 });
    const report = await factorsOf(shipped('mnist-beta'), 2_000);
    // Two decimals are shown, and a code on the edge of a bin may fall on either side of it.
    for (const [factor, name] of report.names.entries()) {
      const cells = (await table.locator(`tr[data-factor=${name}] .cell`).allInnerTexts()).map(numberIn);
      expect(cells).toHaveLength(10);
      cells.forEach((value, latent) => {
        expect(
          Math.abs(value - (report.information[latent]?.[factor] ?? NaN)),
          `${name} ${String(latent)}`,
        ).toBeLessThan(0.012);
      });
    }
    expect(Math.abs((await read(lab(page).locator('[data-fact=mig]'))) - report.mig)).toBeLessThan(0.004);
  });

  test('sliders write the digit at every end of their intervals, and the code follows', async ({ page }) => {
    await open(page, 'part:factors,factorModel:strokes-2d,class:3');
    const written = picture(page, 'The digit written');
    await settled(written);
    await expect(lab(page).locator('[data-latent]')).toHaveCount(2);
    const code = lab(page).locator('[data-latent="1"] [data-fact=mean]');
    for (const name of ['slant', 'rotation', 'thickness', 'width', 'curvature']) {
      await lab(page).getByRole('slider', { name, exact: true }).focus();
      for (const key of ['End', 'Home']) {
        const [before, codeBefore] = [await opacities(written), await read(code)];
        await page.keyboard.press(key);
        await expect(async () => {
          expect(await opacities(written)).not.toEqual(before);
          if (name === 'slant') expect(await read(code)).not.toBe(codeBefore);
        }).toPass();
      }
    }
    await expect(page).toHaveURL(/slant(?::|%3A)-0\.6/);
    await expect(page.locator('.toast.problem')).toHaveCount(0);
    // The digit written is what the drawing becomes.
    const digit = await settled(written);
    await lab(page).getByRole('button', { name: 'Take it as your drawing' }).click();
    await expect(async () => {
      const seen = (await opacities(picture(page, 'What the model sees'))).map((level) =>
        level >= 128 ? 255 : 0,
      );
      const differing = seen.filter((level, at) => level !== digit[at]).length;
      expect(differing).toBeLessThan(12);
    }).toPass();
  });

  test('the page’s own model can be asked', async ({ page }) => {
    await open(page, 'part:factors,factorModel:page');
    await expect(lab(page).getByRole('table')).toHaveAttribute('aria-busy', 'false', { timeout: 80_000 });
    await expect(lab(page).locator('tr[data-factor=class] .cell')).toHaveCount(2);
  });
});

for (const [part, ready] of [
  ['table', 'tr[data-model="ppca-32"][data-answered=true]'],
  ['classes', 'section[data-answered=true]'],
  ['autoencoder', 'section[data-model="mnist-2d"]'],
  ['blurry', '.near'],
  ['linear', '[data-model="mnist-32d"] [data-fact=squared-error]'],
  ['factors', 'table[aria-busy=false]'],
] as const) {
  test(`axe finds nothing in the part ${part}`, async ({ page }) => {
    await open(page, `part:${part}`);
    await expect(lab(page).locator(ready).first()).toBeVisible({ timeout: 80_000 });
    const { violations } = await new AxeBuilder({ page }).include('[role=tabpanel]').analyze();
    expect(violations).toEqual([]);
  });
}

test.describe('How much β', () => {
  test('four models beside each other: figures as the command line’s on the same pixels', async ({
    page,
  }) => {
    test.setTimeout(180_000);
    await open(page, 'part:beta');
    const columnOf = (id: string): Locator =>
      lab(page).locator(`section[data-model="${id}"][data-answered=true]`);
    expect(betas.map(({ beta }) => beta)).toEqual([0, 1, 4, 10]);
    const rates: number[] = [];
    for (const { id, label } of betas) {
      const column = columnOf(id);
      await expect(column).toBeVisible({ timeout: 80_000 });
      const image = await settled(picture(column, `What ${label} sees`));
      const report = await evaluate(shipped(id), [image], 'quadrature');
      const rate = await read(column.locator('[data-fact=rate]'));
      expect(Math.abs(rate - report.kl), id).toBeLessThan(0.06);
      const evidence = await read(column.locator('[data-fact=evidence]'));
      expect(Math.abs(evidence - (report.logLikelihoods[0] ?? NaN)), id).toBeLessThan(
        0.06 + (report.tolerance ?? 0),
      );
      // One decimal each.
      const [distortion, elbo] = [
        await read(column.locator('[data-fact=distortion]')),
        await read(column.locator('[data-fact=elbo]')),
      ];
      expect(Math.abs(elbo + rate + distortion), id).toBeLessThan(0.16);
      expect(elbo, id).toBeLessThan(evidence + 0.11);
      const perLatent = await column.locator('.latents .number').allInnerTexts();
      expect(perLatent.length).toBe(2);
      expect(Math.abs(perLatent.map(numberIn).reduce((sum, kl) => sum + kl, 0) - rate), id).toBeLessThan(
        0.16,
      );
      expect((await gridImages(picture(column, `Samples of ${label}`), 2)).length).toBe(12);
      await expect(column.getByRole('application', { name: `Codes of ${label}` })).toBeVisible();
      rates.push(rate);
    }
    // The dearer a code, the less of it.
    expect(rates).toEqual(rates.toSorted((a, b) => b - a));
  });
});
