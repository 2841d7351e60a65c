// The Likelihood lab: every figure held against the command line, or a computation of its own, on the same pixels.
import { readFileSync } from 'node:fs';

import { expect, test, type Locator, type Page } from '@playwright/test';

import { initSync, Model } from '../../pkg/latent_canvas.js';
import { reconstruction, settled } from './canvas';
import { evaluate, shipped, thresholded } from './commandLine';

/** What is called exact is off by less, here and there. */
const EXACT_NATS = 0.005;

test.use({ contextOptions: { reducedMotion: 'reduce' } });

const seen = (page: Page) => page.getByRole('img', { name: 'What the model sees', exact: true });
const picture = (page: Page) => page.getByRole('img', { name: 'Picture judged', exact: true });
const truth = (page: Page) => page.getByTestId('truth');
const runner = (page: Page, name: string) => page.locator(`[data-runner=${name}]`);
const press = (page: Page, name: string) =>
  page.getByRole('tabpanel').getByRole('button', { name, exact: true }).click();

/** The numbers in a text: a minus sign may be the typographer's. */
async function numbersIn(element: Locator): Promise<number[]> {
  const found = (await element.innerText()).matchAll(/[−-]?\d+(?:\.\d+)?/g);
  return Array.from(found, ([text]) => Number(text.replace('−', '-')));
}

async function exactOf(image: Locator): Promise<number> {
  const pixels = thresholded(await settled(image));
  const { logLikelihoods } = await evaluate(shipped('mnist-2d'), [pixels], 'quadrature');
  return logLikelihoods[0] ?? NaN;
}

async function open(page: Page, settings = ''): Promise<void> {
  await page.goto(`#lab=likelihood&likelihood=${settings || 'seed:1'}`);
  await settled(reconstruction(page));
  await expect(truth(page)).toHaveText(/\d\.\d{3}/);
  await expect(page.getByRole('tabpanel').getByRole('button', { name: 'Play', exact: true })).toBeEnabled();
}

test('the red line is the command line’s, and the estimators come at it from their sides', async ({
  page,
}) => {
  // A machine that does something else as well takes a minute for the chains.
  test.setTimeout(400_000);
  await open(page, 'speed:fast');
  const exact = await exactOf(seen(page));
  const [shown = NaN] = await numbersIn(truth(page));
  expect(Math.abs(shown - exact)).toBeLessThan(EXACT_NATS + 0.0005);
  await press(page, 'Play');
  // Draws from the prior begin far below.
  await expect(runner(page, 'naive')).toHaveText(/\d/);
  await expect(runner(page, 'reverse-annealed')).toHaveText(/\d/, { timeout: 180_000 });
  // The first eight chains may all have missed; the sum is lifted by those that have not.
  await expect
    .poll(async () => Math.abs(((await numbersIn(runner(page, 'annealed')))[0] ?? NaN) - exact), {
      timeout: 180_000,
    })
    .toBeLessThan(15);
  await press(page, 'Pause');
  const of = async (name: string) => {
    const [value = NaN, standardError = NaN] = await numbersIn(runner(page, name));
    return { value, error: 5 * (standardError + 0.005) + 0.005 };
  };
  const importance = await of('importance');
  expect(Math.abs(importance.value - exact)).toBeLessThan(importance.error);
  const bound = await of('iwae');
  expect(bound.value).toBeLessThan(exact + bound.error);
  const [below, above] = [await of('annealed'), await of('reverse-annealed')];
  expect(below.value).toBeLessThan(exact + below.error);
  expect(above.value).toBeGreaterThan(exact - above.error);
  expect(Math.abs(above.value - exact)).toBeLessThan(15);
  await expect(page.getByText(/jumped by \d+/)).toBeVisible();
});

test('steps of the same seed give the same numbers, naive far below; pause stops and reset clears', async ({
  page,
}) => {
  await open(page, 'seed:4,speed:slow');
  const texts = (): Promise<string[]> => page.locator('[data-runner]').allInnerTexts();
  const details = (): Promise<string[]> => page.locator('.details').allInnerTexts();
  const afterSteps = async (): Promise<string[]> => {
    for (let step = 0; step < 5; step += 1) {
      const before = await details();
      await press(page, 'Step');
      await expect.poll(details).not.toEqual(before);
      // Nothing moves any more.
      let last: string[] = [];
      await expect(async () => {
        const now = await details();
        const same = now.join() === last.join();
        last = now;
        expect(same).toBe(true);
      }).toPass({ intervals: [300] });
    }
    return texts();
  };
  const first = await afterSteps();
  const [naive = NaN] = await numbersIn(runner(page, 'naive'));
  const [exact = NaN] = await numbersIn(truth(page));
  expect(naive).toBeLessThan(exact - 20);
  await press(page, 'Reset');
  expect(new Set((await texts()).slice(0, 3))).toEqual(new Set(['–']));
  expect(await afterSteps()).toEqual(first);

  await press(page, 'Play');
  await page.waitForTimeout(700);
  await press(page, 'Pause');
  await page.waitForTimeout(200);
  const paused = await texts();
  expect(paused).not.toEqual(first);
  await page.waitForTimeout(1_000);
  expect(await texts()).toEqual(paused);
});

test('a runner can stay at home, and the address says who, with k and seed', async ({ page }) => {
  await open(page);
  await page.getByRole('checkbox', { name: 'naive, from the prior' }).uncheck();
  await page.getByRole('combobox', { name: 'Draws in a group, k' }).selectOption('20');
  await page.getByRole('spinbutton', { name: 'Seed of the race' }).fill('9');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/likelihood=[^&]*off(?::|%3A)0/);
  await expect(page).toHaveURL(/k(?::|%3A)20/);
  await expect(page).toHaveURL(/seed(?::|%3A)9/);
  await press(page, 'Play');
  await expect(runner(page, 'importance')).toHaveText(/\d/);
  await expect(page.getByText('IWAE, k = 20')).toBeVisible();
  await expect(runner(page, 'naive')).toHaveText('–');
});

test('a picture picked in the lab is judged on its own pixels, and the needle says so', async ({ page }) => {
  await open(page);
  const drawn = (await numbersIn(truth(page)))[0] ?? NaN;
  for (const name of ['Jolly Roger', 'noise']) {
    await press(page, name);
    await expect(picture(page)).toBeVisible();
    await expect.poll(async () => (await numbersIn(truth(page)))[0]).not.toBe(drawn);
    const exact = await exactOf(picture(page));
    await expect
      .poll(async () => Math.abs(((await numbersIn(truth(page)))[0] ?? NaN) - exact))
      .toBeLessThan(EXACT_NATS + 0.0005);
    const histogram = page.getByRole('img', { name: 'log p(x) of test digits and of this picture' });
    const shown = exact.toFixed(1).replace('-', '−');
    const words = name === 'noise' ? 'less probable than every one of 1,000 test digits' : 'test digits';
    await expect(histogram).toHaveAccessibleDescription(new RegExp(`${shown} nats, [^;]*${words}`));
    await expect(histogram).toHaveAccessibleDescription(/^1,000 test digits from .*your drawing −/);
  }
  // Pressed again, the drawing is back.
  await press(page, 'noise');
  await expect.poll(async () => (await numbersIn(truth(page)))[0]).toBe(drawn);
});

test('the product dies at the pixel where a computation by hand says so', async ({ page }) => {
  await open(page);
  await press(page, 'noise');
  const words = page.getByTestId('underflow');
  await expect(words).toHaveText(/product is 0 from pixel/);
  const image = thresholded(await settled(picture(page))).map((level) => (level > 127 ? 1 : 0));
  initSync({ module: readFileSync('pkg/latent_canvas_bg.wasm') });
  const model = Model.load(readFileSync(shipped('mnist-2d')));
  const ink = model.decode(model.encode(Float32Array.from(image)).mean);
  const dies = (round: (value: number) => number): number => {
    let product = 1;
    return image.findIndex((pixel, at) => {
      const p = ink[at] ?? NaN;
      product = round(product * Math.fround(pixel === 1 ? p : 1 - p));
      return product === 0;
    });
  };
  const [in32, in64] = [dies(Math.fround), dies((value) => value)];
  expect(in32).toBeGreaterThan(0);
  expect(in64).toBeGreaterThan(in32);
  await expect(words).toContainText(`In 32 bits the product is 0 from pixel ${String(in32 + 1)} `);
  await expect(words).toContainText(`in 64 bits from pixel ${String(in64 + 1)} `);
  // One pixel earlier it still lives.
  const slider = page.getByRole('slider', { name: 'Pixels multiplied' });
  await slider.fill(String(in32));
  await expect(page.getByTestId('product-32')).toHaveText(/10⁻/);
  await slider.fill(String(in32 + 1));
  await expect(page.getByTestId('product-32')).toHaveText('0');
});

test('a plain autoencoder has no p(x): the lab says why, and loads a model that has', async ({ page }) => {
  await page.goto('#lab=likelihood&model=mnist-ae-2d');
  await expect(page.getByText(/A plain autoencoder has no p\(x\)/)).toBeVisible();
  await page.getByRole('button', { name: /Load a model that has one/ }).click();
  await expect(page.getByRole('heading', { name: 'The race' })).toBeVisible();
  await expect(truth(page)).toHaveText(/\d\.\d{3}/);
});

test('a grey model races on a density and says why nothing underflows', async ({ page }) => {
  await page.goto('#lab=likelihood&model=ppca-32');
  await expect(page.getByText(/pixels are grey and have a density each/)).toBeVisible();
  await expect(truth(page)).toHaveText(/\d\.\d{3}/);
  await press(page, 'Play');
  await expect(runner(page, 'importance')).toHaveText(/\d/);
  const [exact = NaN] = await numbersIn(truth(page));
  const [estimate = NaN] = await numbersIn(runner(page, 'importance'));
  // Its q(z|x) is the posterior: every draw says log p(x).
  expect(Math.abs(estimate - exact)).toBeLessThan(0.1);
});

test('the whole page counts in bits when asked, and remembers it', async ({ page }) => {
  await open(page);
  const [nats = NaN] = await numbersIn(truth(page));
  const evidence = page.locator('.evidence [data-settled]');
  await expect(evidence).toHaveText(/nats/);
  const histogram = page.getByRole('img', { name: 'log p(x) of test digits and of this picture' });
  await page.getByRole('button', { name: 'bits', exact: true }).click();
  for (const figure of [truth(page), evidence]) {
    await expect(figure).toHaveText(/bits/);
    const [bits = NaN] = await numbersIn(figure);
    expect(Math.abs(bits - nats / Math.LN2)).toBeLessThan(0.01);
  }
  await expect(histogram).toHaveAccessibleDescription(/your drawing −[\d.]+ bits/);
  // As many bits as the bars' parts add up to.
  const [elbo = NaN, reconstruction = NaN, kl = NaN] = await Promise.all(
    ['ELBO', 'reconstruction cost', 'KL'].map(async (name) => {
      const named = page.locator('dt', { hasText: new RegExp(`^\\s*${name}`) });
      const row = page.locator('.evidence dl > div').filter({ has: named });
      return (await numbersIn(row.locator('dd').first()))[0] ?? NaN;
    }),
  );
  expect(Math.abs(elbo + reconstruction + kl)).toBeLessThan(0.16);
  await page.reload();
  await expect(evidence).toHaveText(/bits/);
  await page.getByRole('button', { name: 'nats', exact: true }).click();
  await expect(evidence).toHaveText(/nats/);
});
