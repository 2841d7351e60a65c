// The Story: chapters open and lead on, guesses are set beside numbers that the page computes, and what is the visitor's comes back.
import { readFileSync } from 'node:fs';

import { AxeBuilder } from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';

import type { Model } from '../../pkg/latent_canvas.js';
import { readCodes } from '../../www/state/safetensors';
import { opacities, reconstruction, settled } from './canvas';
import { evaluate, shipped, thresholded } from './commandLine';
import { chapter, CHAPTERS, inkOf, loaded, numberIn, open, reveal, revealed } from './story';

test.use({ contextOptions: { reducedMotion: 'reduce' } });

/** How far the page is wider than the window. */
const beyond = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

test('every chapter is reached by Forward, and back, by keys too; the address says where', async ({
  page,
}) => {
  await open(page, CHAPTERS[0] ?? 1);
  for (const number of CHAPTERS.slice(1)) {
    await page.getByRole('button', { name: 'Forward →' }).click();
    await expect(chapter(page, number)).toBeVisible();
  }
  await expect(page.getByRole('button', { name: 'Forward →' })).toBeDisabled();
  await expect(page).toHaveURL(new RegExp(`story=chapter(:|%3A)${String(CHAPTERS.at(-1))}`));
  const [before = NaN] = CHAPTERS.slice(-2);
  await page.getByRole('button', { name: /^Chapter \d+ of/ }).focus();
  await page.keyboard.press('ArrowLeft');
  await expect(chapter(page, before)).toBeVisible();
  await page.keyboard.press('ArrowRight');
  await expect(chapter(page, CHAPTERS.at(-1) ?? NaN)).toBeVisible();
});

test('the list names every chapter, the words for the same things, and the papers', async ({ page }) => {
  await open(page, CHAPTERS[1] ?? 1);
  await page.getByRole('button', { name: /^Chapter \d+ of/ }).click();
  await expect(page.getByRole('region', { name: 'All chapters' }).getByRole('listitem')).toHaveCount(
    CHAPTERS.length,
  );
  await expect(page.getByRole('region', { name: 'Glossary' })).toContainText('inference network');
  await expect(page.getByRole('region', { name: 'Further reading' })).toContainText(
    'Auto-Encoding Variational Bayes',
  );
  await page
    .getByRole('region', { name: 'All chapters' })
    .getByRole('button', { name: /The bound/ })
    .click();
  await expect(chapter(page, 12)).toBeVisible();
});

for (const number of CHAPTERS) {
  test.describe(`chapter ${String(number)}`, () => {
    test('answers its question by computing, and axe finds nothing serious', async ({ page }) => {
      await open(page, number);
      const found = await reveal(page);
      expect(found.answer).not.toBe('');
      expect(found.words).not.toMatch(/–|NaN|undefined|\{/);
      for (const number of await page.locator('[data-fact]').all()) await expect(number).toHaveText(/\d/);
      const { violations } = await new AxeBuilder({ page }).include('[role=tabpanel]').analyze();
      expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([]);
      // What the answer adds fits a phone too.
      await page.setViewportSize({ width: 390, height: 844 });
      await expect.poll(() => beyond(page)).toBeLessThanOrEqual(0);
    });

    // German words are the longer ones.
    test('fits a phone: nothing beside the screen, its figure on the first one', async ({ page }) => {
      await page.setViewportSize({ width: 390, height: 844 });
      await page.goto(`?lang=de#lab=story&story=chapter:${String(number)}`);
      // The highest part need not be the first one of the HTML: on a phone the paper may stand last.
      const highest = () =>
        page
          .getByRole('article')
          .locator('[data-part]:visible')
          .evaluateAll((parts) => Math.min(...parts.map((part) => part.getBoundingClientRect().top)));
      // At least a finger's height of it is seen.
      await expect.poll(highest).toBeLessThanOrEqual(844 - 44);
      expect(await beyond(page)).toBeLessThanOrEqual(0);
      // The way on and back is one line.
      for (const way of await page.getByRole('navigation', { name: 'Kapitel' }).getByRole('button').all()) {
        expect((await way.boundingBox())?.height).toBeLessThan(50);
      }
    });
  });
}

test('chapter 5: a formula breaks before a sign, never after it', async ({ page }) => {
  for (const width of [1440, 1024, 390]) {
    await page.setViewportSize({ width, height: 844 });
    await open(page, 5);
    const signs = page.getByRole('article').locator('.formulas .sign');
    await expect(signs).toHaveCount(3);
    for (const sign of await signs.all()) {
      const [own, term] = [await sign.boundingBox(), await sign.locator('+ .term').boundingBox()];
      expect(term?.x).toBeGreaterThan(own?.x ?? NaN);
      expect(Math.abs((term?.y ?? NaN) - (own?.y ?? NaN))).toBeLessThan(6);
    }
  }
});

test('chapters 3, 14 and 20 show their set-up before the guess', async ({ page }) => {
  await open(page, 3);
  await expect(page.getByRole('img', { name: /^The plane of codes: 81 places/ })).toBeVisible();
  await expect(page.getByRole('img', { name: /^Codes and what/ })).toHaveCount(0);
  await open(page, 14);
  await expect(page.getByText('Then two curves grow here')).toBeVisible();
  await open(page, 20);
  await expect(page.getByRole('img', { name: 'What it draws' })).toHaveCount(2);
  await expect(page.getByRole('article').getByText('0 steps')).toHaveCount(2);
});

test('chapter 5: the regions are as large as the posteriors of those pixels say', async ({ page }) => {
  await open(page, 5);
  const { answer } = await reveal(page);
  const pixels = await inkOf(page);
  const model = loaded('mnist-2d');
  const areas = [7, 28].map((rows) => {
    const mask = Float32Array.from(pixels, (_, at) => Number(at < rows * 28));
    const { density, resolution, halfWidth } = model.partialPosterior(pixels, mask);
    const total = density.reduce((sum, value) => sum + value, 0);
    let mass = 0;
    const cells = Array.from(density)
      .sort((a, b) => b - a)
      .findIndex((value) => (mass += value) >= (1 - Math.exp(-2)) * total);
    return cells * ((2 * halfWidth) / resolution) ** 2;
  });
  expect(Number(answer) / ((areas[0] ?? NaN) / (areas[1] ?? NaN))).toBeCloseTo(1, 1);
});

test('chapter 8: the product dies at the pixel where a computation by hand says so', async ({ page }) => {
  await open(page, 8);
  const { answer } = await reveal(page);
  const pixels = await inkOf(page);
  const model = loaded('mnist-2d');
  const ink = model.decode(model.encode(pixels).mean);
  let product = 1;
  let at = 0;
  for (; product > 0; at += 1) {
    const p = ink[at % pixels.length] ?? NaN;
    product = Math.fround(product * Math.fround(pixels[at % pixels.length] === 1 ? p : 1 - p));
  }
  expect(Number(answer)).toBe(at);
});

test('chapter 12: the three numbers add up, log p(x) is the command line’s, and the best q is better', async ({
  page,
}) => {
  await open(page, 12);
  const fact = (name: string) => page.locator(`[data-fact=${name}]`).first();
  await expect(fact('gap')).toHaveText(/\d/, { timeout: 60_000 });
  const read = async (name: string): Promise<number> =>
    Number((await fact(name).innerText()).replace('−', '-'));
  const [evidence, elbo, gap, reconstructed, rate] = [
    await read('evidence'),
    await read('elbo'),
    await read('gap'),
    await read('reconstruction'),
    await read('rate'),
  ];
  expect(Math.abs(evidence - elbo - gap)).toBeLessThan(0.016);
  expect(Math.abs(elbo - reconstructed + rate)).toBeLessThan(0.016);
  const pixels = Array.from(await inkOf(page), (ink) => 255 * ink);
  const { logLikelihoods } = await evaluate(shipped('mnist-2d'), [pixels], 'quadrature');
  expect(Math.abs(evidence - (logLikelihoods[0] ?? NaN))).toBeLessThan(0.01);
  const { mean, logVar } = loaded('mnist-2d').encode(Float32Array.from(pixels, (level) => level / 255));
  const kl = mean.reduce(
    (sum, value, axis) => sum + (value ** 2 + Math.exp(logVar[axis] ?? 0) - (logVar[axis] ?? 0) - 1) / 2,
    0,
  );
  expect(Math.abs(rate - kl)).toBeLessThan(0.01);

  const { answer } = await reveal(page);
  expect(Number(answer)).toBeGreaterThan(0);
  expect(Number(answer)).toBeLessThan(gap + 0.01);
  await page.getByRole('button', { name: 'The best q' }).click();
  await expect.poll(() => read('gap')).toBeCloseTo(Number(answer), 1);
  // q moved by keys: log p(x) stays, the ELBO falls.
  const best = await read('elbo');
  const plane = page.getByRole('application', { name: 'q over the exact posterior' });
  await plane.focus();
  await page.keyboard.press('Shift+ArrowRight');
  await expect.poll(() => read('elbo')).toBeLessThan(best - 0.1);
  expect(await read('evidence')).toBe(evidence);
});

test('chapter 1: as many pixels come back wrong as the model says', async ({ page }) => {
  await open(page, 1);
  const { answer } = await reveal(page);
  const pixels = await inkOf(page);
  const model = loaded('mnist-2d');
  const back = model.decode(model.encode(pixels).mean);
  expect(Number(answer)).toBe(pixels.filter((ink, at) => ink !== Number((back[at] ?? NaN) >= 0.5)).length);
});

test('chapter 2: the number of coin pictures is the binomial sum', async ({ page }) => {
  await open(page, 2);
  const { answer } = await reveal(page);
  let [term, sum] = [1n, 1n];
  for (let k = 1n; k <= 78n; k += 1n) {
    term = (term * (785n - k)) / k;
    sum += term;
  }
  // 2^784 over the sum, in powers of ten: as many digits as are needed.
  const ratio = Number((2n ** 784n * 1_000_000n) / sum) / 1e6;
  expect(Number(answer)).toBeCloseTo(Math.log10(ratio), 6);
});

test('chapter 4: as many codes lie within 1 as the package draws there', async ({ page }) => {
  await open(page, 4);
  const { answer } = await reveal(page);
  const { latents } = loaded('mnist-2d').sample(1_000, { seed: 7, temperature: 1 });
  const within = Array.from({ length: 1_000 }, (_, at) =>
    Math.hypot(latents[2 * at] ?? NaN, latents[2 * at + 1] ?? NaN),
  ).filter((distance) => distance < 1).length;
  expect(Number(answer)).toBe(within);
  // Five standard errors of a share of 39 %.
  expect(Math.abs(within - 1_000 * (1 - Math.exp(-1 / 2)))).toBeLessThan(5 * 15.4);
  // The figure shows these very codes, and counts what it shows when it is changed.
  const says = page.getByRole('article').locator('.says');
  await expect(says).toContainText(`Of these 1,000 codes ${String(within)} lie within distance 1`);
  await page.getByRole('slider', { name: 'width of the prior' }).fill('2');
  await expect(says).not.toContainText(`codes ${String(within)} lie`);
  await expect.poll(async () => numberIn((await says.innerText()).replace(/^.*codes/, ''))).toBeLessThan(200);
});

test('chapter 6: the four pictures have the command line’s log p(x)', async ({ page }) => {
  await open(page, 6);
  const { answer } = await reveal(page);
  const pixels = Array.from(await inkOf(page), (ink) => 255 * ink);
  const noise = thresholded(
    await settled(page.getByRole('article').getByRole('img', { name: 'noise', exact: true })),
  );
  const pictures = { yours: pixels, turned: [...pixels].reverse(), blank: pixels.map(() => 0), noise };
  const { logLikelihoods } = await evaluate(shipped('mnist-2d'), Object.values(pictures), 'quadrature');
  for (const [at, name] of Object.keys(pictures).entries()) {
    const shown = await page.locator(`[data-bar=${name}] strong`).innerText();
    const value = numberIn(shown);
    expect(Math.abs(value - (logLikelihoods[at] ?? NaN)), name).toBeLessThan(0.06);
  }
  const best = logLikelihoods.indexOf(Math.max(...logLikelihoods));
  expect(answer).toBe(Object.keys(pictures)[best]);
});

test('chapter 13: gradients stray as the package’s do, from the same dice', async ({ page }) => {
  await open(page, 13);
  const { answer } = await reveal(page);
  const pixels = await inkOf(page);
  const model = loaded('mnist-2d');
  const { mean, logVar } = model.encode(pixels);
  const found = model.meanGradients(pixels, mean, logVar, { draws: 1_000, seed: 7 });
  const strays = (values: Float64Array): number => {
    const own = Array.from({ length: 1_000 }, (_, at) => values[2 * at] ?? NaN);
    const middle = own.reduce((sum, value) => sum + value, 0) / 1_000;
    return Math.sqrt(own.reduce((sum, value) => sum + (value - middle) ** 2, 0) / 999);
  };
  const times = strays(found.score) / strays(found.reparameterised);
  expect(Number(answer) / times).toBeCloseTo(1, 2);
});

test('chapter 24: two draws differ in Σ 2p(1 − p) pixels', async ({ page }) => {
  await open(page, 24);
  const { answer } = await reveal(page);
  const pixels = await inkOf(page);
  const model = loaded('mnist-2d');
  const expected = model.decode(model.encode(pixels).mean).reduce((sum, p) => sum + 2 * p * (1 - p), 0);
  expect(Math.abs(Number(answer) - expected)).toBeLessThan(0.01);
});

test('chapter 14: the numbers are of the run on screen; a word chooses; a run that blows up says so', async ({
  page,
}) => {
  await open(page, 14);
  const again = page.getByRole('button', { name: 'Train again, from the start' });
  await expect(again).toHaveCount(0);
  const { words } = await reveal(page);
  const number = async (fact: string): Promise<number> =>
    Number((await page.locator(`[data-fact=${fact}]`).innerText()).replace('−', '-'));
  const first = await number('loss');
  await page.getByRole('button', { name: 'small', exact: true }).click();
  await expect(page.getByRole('radio', { name: 'small' })).toBeChecked();
  await again.click();
  await expect(again).toHaveCount(0);
  await expect(again).toBeEnabled();
  // A run with small steps is not as far.
  expect(await number('loss')).toBeGreaterThan(first + 1);
  expect(Math.abs((await number('loss')) - (await number('cost')) - (await number('kl')))).toBeLessThan(
    0.016,
  );
  await expect(page.getByText(/The loss shot up to/)).toHaveCount(0);
  await page.getByRole('button', { name: 'large', exact: true }).click();
  await again.click();
  await expect(page.getByText(/The loss shot up to/)).toBeVisible();
  // The question is about the first run, and so is its answer.
  expect(await revealed(page).innerText()).toBe(words);
});

test('chapter 15: the codes lie as far apart as those that are shipped, and both redraw as the engine does', async ({
  page,
}) => {
  await open(page, 15);
  const maps = page.getByRole('application', { name: /^Codes of the/ });
  await expect(maps).toHaveCount(1);
  const { answer, words } = await reveal(page);
  await expect(maps).toHaveCount(2);
  const models = { vae: loaded('mnist-2d'), ae: loaded('mnist-ae-2d') };
  const spread = (id: string): number => {
    const codes = readCodes(new Uint8Array(readFileSync(`www/public/models/${id}.codes.safetensors`))).mean;
    const variance = [0, 1].map((axis) => {
      const values = codes.filter((_, at) => at % 2 === axis);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    });
    return Math.sqrt(((variance[0] ?? NaN) + (variance[1] ?? NaN)) / 2);
  };
  expect(Number(answer) / (spread('mnist-ae-2d') / spread('mnist-2d'))).toBeCloseTo(1, 3);
  expect(words).toContain('On average over test digits it is 122.5 nats against 124.5 nats');
  for (let digit = 0; digit < 3; digit += 1) {
    const pixels = await inkOf(page);
    const costOf = (model: Model): number => {
      const p = model.decode(model.encode(pixels).mean);
      return pixels.reduce(
        (sum, ink, at) => sum - Math.log(Math.max(1e-6, ink === 1 ? (p[at] ?? NaN) : 1 - (p[at] ?? NaN))),
        0,
      );
    };
    await expect(async () => {
      const [, ae, vae] =
        /your drawing costs it ([\d.]+) nats, and the VAE ([\d.]+) nats/.exec(
          await revealed(page).innerText(),
        ) ?? [];
      // Shown to a tenth, and found by another build of the engine.
      expect(Math.abs(Number(ae) - costOf(models.ae))).toBeLessThan(0.06);
      expect(Math.abs(Number(vae) - costOf(models.vae))).toBeLessThan(0.06);
    }).toPass();
    const before = String(pixels);
    await page.getByRole('button', { name: 'Another digit' }).click();
    await expect.poll(async () => String(await inkOf(page)) !== before).toBe(true);
  }
});

test('chapter 16: the pictures say their β, and as many latents are used as have not collapsed', async ({
  page,
}) => {
  await open(page, 16);
  await expect(page.getByText('First a run with β = 1')).toBeVisible();
  const { answer } = await reveal(page);
  await expect(page.getByRole('heading', { name: /^What the run with β = 20 draws/ })).toBeVisible();
  await expect(page.locator('[data-beta="20"]').getByText('collapsed')).toHaveCount(2 - Number(answer));
  await expect(page.locator('[data-beta="1"]').getByText('collapsed')).toHaveCount(0);
});

test('chapter 21: what the drawing is read as does not depend on the class that is pressed', async ({
  page,
}) => {
  await open(page, 21);
  const { words } = await reveal(page);
  const reading = loaded('mnist-m2').classify(await inkOf(page));
  const sure = Math.max(...reading);
  const digit = reading.indexOf(sure);
  const sentence = `It reads your own drawing as ${String(digit)}, with a probability of ${(100 * sure).toFixed(1)} %.`;
  expect(words).toContain(sentence);
  const other = (digit + 3) % 10;
  const take = page.getByRole('button', { name: `Take your drawing as ${String(other)}` });
  await take.click();
  await expect(take).toHaveAttribute('aria-pressed', 'true');
  await expect(revealed(page)).toContainText(sentence);
  // Another drawing is taken as what it is read as, not as what was pressed for the last one.
  await page.getByRole('button', { name: 'Another digit' }).click();
  await expect(take).toHaveAttribute('aria-pressed', 'false');
});

test('chapter 22: after the guess the figure shows the hills that were asked for', async ({ page }) => {
  await open(page, 22);
  await expect(page.getByRole('button', { name: 'hide all but one row (guess first)' })).toBeDisabled();
  const { answer } = await reveal(page);
  await expect(page.getByRole('button', { name: 'hide all but one row', exact: true })).toHaveAttribute(
    'aria-pressed',
    'true',
  );
  await expect(page.getByRole('img', { name: /^Completion \d+$/ })).toHaveCount(Number(answer));
});

test('chapter 23: every factor of the question can be moved, under the same name', async ({ page }) => {
  await open(page, 23);
  const options = page.getByRole('region', { name: 'First guess, then look' }).locator('label');
  await expect(options).toHaveCount(7);
  const asked = (await options.allInnerTexts()).map((name) => name.trim());
  for (const name of asked)
    await expect(page.getByRole('article').getByRole('slider', { name, exact: true })).toBeVisible();
  await reveal(page);
  await expect(page.getByRole('columnheader')).toHaveText(['latent', ...asked]);
});

test('chapter 24: before the guess one picture is there, and can be drawn again; the others wait', async ({
  page,
}) => {
  await open(page, 24);
  const first = page.getByRole('img', { name: 'Draw 1', exact: true });
  const waiting = page.getByRole('img', { name: /not shown yet$/ });
  const drawn = await settled(first);
  expect(drawn.some((level) => level > 0)).toBe(true);
  await expect(waiting).toHaveCount(8);
  await page.getByRole('button', { name: 'Another one' }).click();
  await expect.poll(() => opacities(first)).not.toEqual(drawn);
  await reveal(page);
  await expect(waiting).toHaveCount(0);
  await expect(page.getByRole('img', { name: 'Draw 8', exact: true })).toBeVisible();
});

test('chapter 25: what is kept is shown', async ({ page }) => {
  await open(page, 25);
  const keep = page.getByRole('button', { name: 'Keep this drawing' });
  for (const number of [1, 2]) {
    await keep.click();
    await expect(page.getByText('✓ Kept.')).toBeVisible();
    await expect(page.getByRole('img', { name: /^Kept drawing/ })).toHaveCount(number);
    await page.getByRole('button', { name: 'Another digit' }).click();
    await expect(keep).toBeEnabled();
  }
});

test('chapter 19: both gaps and the ELBO add up to log p(x), the command line’s', async ({ page }) => {
  await open(page, 19);
  await reveal(page);
  const read = async (name: string): Promise<number> => {
    const number = page.locator(`[data-fact=${name}]`);
    await expect(number).toHaveText(/\d/);
    return Number((await number.innerText()).replace('−', '-'));
  };
  const evidence = await read('evidence');
  const sum = (await read('elbo')) + (await read('amortisation')) + (await read('approximation'));
  expect(Math.abs(evidence - sum)).toBeLessThan(0.021);
  const pixels = Array.from(await inkOf(page), (ink) => 255 * ink);
  const { logLikelihoods } = await evaluate(shipped('mnist-2d'), [pixels], 'quadrature');
  expect(Math.abs(evidence - (logLikelihoods[0] ?? NaN))).toBeLessThan(0.01);
  // No Gaussian is better than the best one: the package’s own has no smaller gap, but for its draws.
  const best = loaded('mnist-2d').bestGaussian(
    Float32Array.from(pixels, (level) => level / 255),
    7,
  );
  const gap = evidence - best.elbo;
  expect(Math.abs((await read('approximation')) - gap)).toBeLessThan(5 * best.standardError + 0.02);
});

test('a chapter shows a drawing of its own, and the visitor’s is back in the next', async ({ page }) => {
  await open(page, 18);
  const canvas = page.getByLabel('Drawing canvas');
  await settled(reconstruction(page));
  const own = await opacities(canvas);
  await page.getByRole('button', { name: 'Forward →' }).click();
  await expect(chapter(page, 19)).toBeVisible();
  await expect.poll(() => opacities(canvas)).not.toEqual(own);
  await page.getByRole('button', { name: 'Forward →' }).click();
  await expect(chapter(page, 20)).toBeVisible();
  await expect.poll(() => opacities(canvas)).toEqual(own);
});

test('a guess survives a reload, and can be taken back', async ({ page }) => {
  await open(page, 8);
  const { answer } = await reveal(page);
  await page.reload();
  await expect(revealed(page).locator('strong')).toHaveText(/^You said/);
  expect(await revealed(page).getAttribute('data-answer')).toBe(answer);
  // Without a chapter in the address it is the one where the visitor was.
  await page.goto('#lab=draw');
  await page.getByRole('tab', { name: 'Story' }).click();
  await expect(chapter(page, 8)).toBeVisible();
  await page.getByRole('button', { name: 'Guess again' }).click();
  await expect(page.getByRole('button', { name: 'Reveal', exact: true })).toBeVisible();
});

test('leaving gives the drawing and the model back; a lab that a chapter leads to has a way back', async ({
  page,
}) => {
  await page.goto('#model=strokes-2d&lab=draw');
  const before = await settled(reconstruction(page));
  const drawn = await opacities(page.getByLabel('Drawing canvas'));
  const model = (name: string) => page.getByRole('banner').getByText(name).first();
  await expect(model('Stroke digits, 2 latents')).toBeVisible();
  await page.getByRole('button', { name: /Begin the Story/ }).click();
  await expect(chapter(page, CHAPTERS[0] ?? 1)).toBeVisible();
  await open(page, 12);
  await expect(model('MNIST, 2 latents')).toBeVisible();
  await page
    .getByRole('article')
    .getByRole('button', { name: /Posterior lab/ })
    .click();
  await expect(page.getByRole('tabpanel', { name: 'Posterior' })).toBeVisible();
  await expect(page).toHaveURL(/lab=posterior.*posterior=part(:|%3A)ladder/);
  await page.getByRole('button', { name: '← Back to the Story, chapter 12' }).click();
  await expect(chapter(page, 12)).toBeVisible();
  await page.getByRole('tab', { name: 'Draw', exact: true }).click();
  await expect(model('Stroke digits, 2 latents')).toBeVisible();
  await expect.poll(() => opacities(page.getByLabel('Drawing canvas'))).toEqual(drawn);
  expect(await settled(reconstruction(page))).toEqual(before);
});

for (const number of [1, 5, 12])
  test(`chapter ${String(number)}: its figure and its question fit a screen of 1024 by 768`, async ({
    page,
  }) => {
    await page.setViewportSize({ width: 1024, height: 768 });
    await open(page, number);
    const article = chapter(page, number);
    const ends = [article.getByRole('button', { name: 'Reveal', exact: true }), article.locator('.figure')];
    await expect(article.locator('.figure canvas').first()).toBeVisible();
    for (const end of ends) {
      await expect
        .poll(async () => {
          const box = await end.boundingBox();
          return box ? box.y + box.height : Infinity;
        })
        .toBeLessThanOrEqual(768);
    }
  });

test('the Story is loaded when it is opened, not before', async ({ page }) => {
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.goto('');
  await settled(reconstruction(page));
  expect(
    await page.evaluate(() => document.documentElement.innerHTML.includes('Which code made this?')),
  ).toBe(false);
  const before = asked.length;
  await page.getByRole('button', { name: /Begin the Story/ }).click();
  await expect(page.getByRole('article')).toBeVisible();
  expect(asked.slice(before).some((url) => /assets\/Lab-/.test(url))).toBe(true);
});
