// The Repair lab on the built site: what was under it, and what the model expects of a drawing that has just begun.
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test, type Locator, type Page } from '@playwright/test';

import { opacities, settled, SIDE } from './canvas';
import { repair, shipped, thresholded, type Repaired } from './commandLine';
import { asPixels, engine, modelOf } from './package';

test.use({ contextOptions: { reducedMotion: 'reduce' } });

const SEED = 5;

const lab = (page: Page): Locator => page.getByRole('tabpanel', { name: 'Repair' });
const numberIn = (text: string): number =>
  Number((/[−-]?\d+(?:\.\d+)?/.exec(text)?.[0] ?? 'NaN').replace('−', '-'));
const evidence = async (page: Page): Promise<number> =>
  numberIn(await page.getByTestId('log-evidence').innerText());
const completions = (page: Page): Locator =>
  page.getByRole('region', { name: 'Completions' }).getByRole('img', { name: /^Completion/ });

async function open(page: Page, settings: string): Promise<void> {
  await page.goto(`#lab=repair&repair=${settings}`);
}

/** With the mouse, in shares of the canvas. */
async function stroke(page: Page, points: readonly (readonly [number, number])[]): Promise<void> {
  const canvas = page.getByRole('application', { name: 'Canvas to complete' });
  await canvas.scrollIntoViewIfNeeded();
  const box = await canvas.boundingBox();
  if (!box) throw new Error('no canvas');
  const [first, ...others] = points.map(([x, y]) => [box.x + x * box.width, box.y + y * box.height] as const);
  await page.mouse.move(...(first ?? [0, 0]));
  await page.mouse.down();
  for (const point of others) await page.mouse.move(...point, { steps: 8 });
  await page.mouse.up();
}

test('nothing seen is the prior; every stroke leaves fewer codes and is less probable', async ({ page }) => {
  await open(page, 'part:draw');
  await expect(page.getByTestId('log-evidence')).toHaveText(/^[−]?0\.00 nats/, { timeout: 60_000 });
  await expect(lab(page).getByText('0 of 784 pixels')).toBeVisible();
  const expected = page.getByRole('img', { name: 'What the model expects' });
  const cloud = await opacities(expected);
  expect(Math.max(...cloud)).toBeLessThan(200);

  await stroke(page, [
    [0.35, 0.25],
    [0.65, 0.25],
  ]);
  await expect(lab(page).locator('[data-settled=true]')).toBeVisible();
  const first = await evidence(page);
  expect(first).toBeLessThan(0);
  await expect(completions(page).first()).toBeVisible();
  // Codes drawn from what fits are decoded: ink, and not the same picture twice.
  const draws = page.getByRole('region', { name: 'Draws' }).getByRole('img');
  await expect(draws).toHaveCount(6);
  await expect.poll(async () => Math.max(...(await opacities(draws.first())))).toBeGreaterThan(100);
  const [one, other] = [await opacities(draws.nth(0)), await opacities(draws.nth(1))];
  expect(Math.max(...one.map((ink, pixel) => Math.abs(ink - (other[pixel] ?? 0))))).toBeGreaterThan(20);
  const shares = await lab(page).getByRole('listitem').allInnerTexts();
  const total = shares.map(numberIn).reduce((sum, value) => sum + value, 0);
  expect(total).toBeGreaterThan(50);
  expect(total).toBeLessThanOrEqual(103);

  await stroke(page, [
    [0.65, 0.25],
    [0.45, 0.78],
  ]);
  await expect(async () => {
    await expect(lab(page).locator('[data-settled=true]')).toBeVisible();
    expect(await evidence(page)).toBeLessThan(first);
  }).toPass();
  // What was drawn is seen, and something is expected of it.
  const after = await settled(expected);
  expect(Math.max(...after)).toBe(255);
  await lab(page).getByRole('button', { name: 'Undo' }).click();
  await expect(async () => {
    await expect(lab(page).locator('[data-settled=true]')).toBeVisible();
    expect(Math.abs((await evidence(page)) - first)).toBeLessThan(0.02);
  }).toPass();
});

test('a pixel that is pressed has the probability that stood there', async ({ page }) => {
  await open(page, 'part:pixels');
  const field = page.getByRole('application', { name: 'Pixels to press' });
  await field.focus();
  await expect(page.getByTestId('log-evidence')).toHaveText(/0\.00/, { timeout: 60_000 });
  await page.keyboard.press('ArrowDown');
  const reading = lab(page).locator('.reading');
  const before = numberIn((await reading.innerText()).split('=')[1] ?? '');
  expect(before).toBeGreaterThan(0);
  await page.keyboard.press('Enter');
  await expect(reading).toContainText('known to be ink');
  // Three decimals of p, two of its logarithm.
  await expect(async () => {
    expect(Math.abs((await evidence(page)) - Math.log(before))).toBeLessThan(0.006 + 0.0006 / before);
  }).toPass();
  await page.keyboard.press('Enter');
  await expect(reading).toContainText('known to be paper');
  await expect(async () => {
    expect(Math.abs((await evidence(page)) - Math.log(1 - before))).toBeLessThan(
      0.006 + 0.0006 / (1 - before),
    );
  }).toPass();
  await lab(page).getByRole('button', { name: 'forget all' }).click();
  await expect(page.getByTestId('log-evidence')).toHaveText(/0\.00/);
});

test('pressed pixels are in the address, and come back with it', async ({ page }) => {
  await open(page, `part:pixels,ink:p${'A'.repeat(70)}B_`);
  await expect(lab(page)).toContainText('7 of 784');
  const field = page.getByRole('application', { name: 'Pixels to press' });
  await field.focus();
  await page.keyboard.press('Enter');
  await expect(lab(page)).toContainText('8 of 784');
  await expect(page).toHaveURL(/ink/);
  await page.waitForTimeout(500);
  await page.reload();
  await expect(lab(page)).toContainText('8 of 784', { timeout: 60_000 });
});

/** A picture of the part that repairs, with its error. */
const way = (page: Page, name: string): Locator =>
  lab(page)
    .locator('figure')
    .filter({ has: page.getByRole('button', { name, exact: true }) });
const errorOf = async (page: Page, name: string): Promise<number> =>
  numberIn(await way(page, name).locator('.number').innerText());
const levels = (page: Page, name: string): Promise<number[]> =>
  opacities(page.getByRole('img', { name, exact: true }));

/** Opens the part and waits for all four ways; the original's pixels, ink and paper. */
async function repaired(page: Page, settings: string): Promise<number[]> {
  await open(page, `part:repair,seed:${String(SEED)},${settings}`);
  await allWays(page);
  return thresholded(await settled(page.getByRole('img', { name: 'Original', exact: true })));
}

async function allWays(page: Page): Promise<void> {
  await expect(lab(page).locator('.answers')).toHaveAttribute('aria-busy', 'false', { timeout: 60_000 });
  await expect(way(page, 'E[x|y]').locator('.number')).toHaveText(/^\d/);
  await expect(completions(page)).toHaveCount(6);
}

/** Four decimals are shown. */
const ROUNDING = 0.000_051;

const squaredError = (image: ArrayLike<number>, original: readonly number[]): number =>
  original.reduce((sum, level, pixel) => sum + (level / 255 - (image[pixel] ?? NaN)) ** 2, 0) /
  original.length;

for (const [damage, task] of [
  ['lower', 'inpaint'],
  ['coarse2', 'superres2'],
  ['coarse4', 'superres4'],
] as const) {
  test(`repaired as the command line repairs the same pixels: ${damage}`, async ({ page }) => {
    const image = await repaired(page, `damage:${damage}`);
    const report = await repair(shipped('mnist-2d'), image, task);
    const ways = { asItIs: 'what is left', reconstruction: 'encoder’s answer', posterior: 'E[x|y]' } as const;
    for (const [key, name] of Object.entries(ways)) {
      const wanted = report[key as keyof Repaired].squaredError;
      expect(Math.abs((await errorOf(page, name)) - wanted), name).toBeLessThan(ROUNDING + 0.000_05);
    }
    // Its draws are by other dice.
    const alternation = await errorOf(page, 'quick alternation');
    expect(Math.abs(alternation - report.alternation.squaredError)).toBeLessThan(0.0006);
    await expect(page.getByTestId('log-observed')).toHaveText(/^−\d/);
    await expect(page.locator('.toast.problem')).toHaveCount(0);
  });
}

/** Which pixels can be seen. */
const WHOLE = Array.from({ length: SIDE * SIDE }, () => 1);
const EVERY_FOURTH = WHOLE.map((_, pixel) => Number(pixel % 2 === 0 && Math.floor(pixel / SIDE) % 2 === 0));
const DAMAGES: [string, Parameters<typeof engine.degrade>[1]][] = [
  ['damage:flips', { mask: WHOLE, flips: 0.1 }],
  ['damage:flips,strength:0.25', { mask: WHOLE, flips: 0.25 }],
  ['damage:noise', { mask: WHOLE, gaussian: 0.5 }],
  ['damage:grid', { mask: EVERY_FOURTH }],
  ['damage:coarse4', { average: 4 }],
];

test('every damage is the package’s with the same dice, and so are the ways and log p(y)', async ({
  page,
}) => {
  const model = modelOf('mnist-2d');
  for (const [settings, degradation] of DAMAGES) {
    const image = await repaired(page, settings);
    const observed = engine.degrade(asPixels(image), degradation, SEED);
    const left = await levels(page, 'what is left');
    const block = SIDE / Math.sqrt(observed.length);
    // What is left, to a level of 255; a block has its mean everywhere.
    const wanted = image.map((_, pixel) => {
      const [row, column] = [Math.floor(pixel / SIDE), pixel % SIDE];
      const at = Math.floor(row / block) * (SIDE / block) + Math.floor(column / block);
      return Math.min(1, Math.max(0, observed[at] ?? NaN));
    });
    left.forEach((level, pixel) => {
      expect(
        Math.abs(level / 255 - (wanted[pixel] ?? NaN)),
        `${settings}: pixel ${String(pixel)}`,
      ).toBeLessThan(0.003);
    });
    const answer = model.repair(observed, degradation, 6, { seed: SEED }) as {
      mean: Float32Array;
      logLikelihood: number;
      probabilities: Float32Array;
    };
    const reconstruction = model.decode(model.encode(Float32Array.from(wanted)).mean);
    for (const [name, picture] of [
      ['what is left', Float32Array.from(wanted)],
      ['encoder’s answer', reconstruction],
      ['quick alternation', model.repairByAlternation(observed, degradation, 100, 8, SEED)],
      ['E[x|y]', answer.mean],
    ] as const) {
      const error = squaredError(picture, image);
      expect(error, `${settings}: ${name}`).toBeGreaterThan(0);
      expect(Math.abs((await errorOf(page, name)) - error), `${settings}: ${name}`).toBeLessThan(ROUNDING);
    }
    const observedText = await page.getByTestId('log-observed').innerText();
    expect(Math.abs(numberIn(observedText) - answer.logLikelihood), settings).toBeLessThan(0.0051);
    // The completions are drawn by the same dice, too.
    const first = await opacities(completions(page).first());
    expect(Math.abs((first[400] ?? NaN) / 255 - (answer.probabilities[400] ?? NaN))).toBeLessThan(0.003);
    expect(first.some((level) => level > 128)).toBe(true);
  }
  await expect(page.locator('.toast.problem')).toHaveCount(0);
});

test('what the brush hides is hidden, and the more, the worse it is guessed', async ({ page }) => {
  const image = await repaired(page, 'damage:brush');
  // Nothing is hidden, so nothing has to be guessed.
  expect(await errorOf(page, 'what is left')).toBe(0);
  expect(await errorOf(page, 'E[x|y]')).toBe(0);
  const field = page.getByRole('application', { name: 'Brush over your drawing' });
  const sweep = async (row: number): Promise<void> => {
    await field.scrollIntoViewIfNeeded();
    const box = await field.boundingBox();
    if (!box) throw new Error('no field');
    await page.mouse.move(box.x + 0.1 * box.width, box.y + row * box.height);
    await page.mouse.down();
    await page.mouse.move(box.x + 0.9 * box.width, box.y + row * box.height, { steps: 30 });
    await page.mouse.up();
  };
  const errors: number[] = [];
  const evidences: number[] = [];
  for (const row of [0.5, 0.65]) {
    const before = await page.getByTestId('log-observed').innerText();
    await sweep(row);
    await expect(page.getByTestId('log-observed')).not.toHaveText(before, { timeout: 60_000 });
    await allWays(page);
    const left = await levels(page, 'what is left');
    const hidden = image.map((level, pixel) => level > 0 && left[pixel] === 0);
    // Seen ink stays, and the middle of the swept row is paper.
    const middle = Math.floor(row * SIDE) * SIDE;
    expect(hidden.filter(Boolean).length).toBeGreaterThan(3);
    expect(left.slice(middle + 5, middle + 23).every((level) => level === 0)).toBe(true);
    expect(left.every((level, pixel) => level === 0 || level === image[pixel])).toBe(true);
    const lost = hidden.filter(Boolean).length / image.length;
    expect(Math.abs((await errorOf(page, 'what is left')) - lost)).toBeLessThan(ROUNDING);
    errors.push(await errorOf(page, 'E[x|y]'));
    evidences.push(numberIn(await page.getByTestId('log-observed').innerText()));
  }
  expect(errors[0]).toBeGreaterThan(0);
  expect(errors[1]).toBeGreaterThan(errors[0] ?? Infinity);
  // Less is claimed where less is seen.
  expect(evidences[1]).toBeGreaterThan(evidences[0] ?? Infinity);
  await page.getByRole('button', { name: 'Uncover all' }).click();
  await expect(way(page, 'E[x|y]').locator('.number')).toHaveText('0.0000', { timeout: 60_000 });
});

test('with more latents chains repair, and say how far to believe them', async ({ page }) => {
  await open(page, 'part:repair&model=mnist-32d');
  // The picture grows while the chains walk on.
  await expect(lab(page).getByRole('progressbar')).toBeVisible({ timeout: 60_000 });
  await expect(lab(page).getByText(/R-hat\s+\d/)).toBeVisible({ timeout: 80_000 });
  await expect(completions(page)).toHaveCount(6);
  await expect(lab(page).getByRole('progressbar')).toHaveCount(0, { timeout: 80_000 });
  await expect(lab(page).getByText(/after 500 steps/)).toBeVisible();
});

test('a model that cannot says why, and offers one that can', async ({ page }) => {
  await page.goto('#lab=repair&model=mnist-32d');
  await expect(lab(page).getByText(/this\s+model\s+has\s+32/)).toBeVisible({ timeout: 60_000 });
  await page.goto('#lab=repair&repair=part:repair&model=mnist-m2');
  await expect(lab(page).getByText(/code\s+is\s+a\s+choice/)).toBeVisible({ timeout: 60_000 });
  await page.goto('#lab=repair&model=ppca-32');
  await expect(lab(page).getByText(/one\s+of\s+grey\s+pixels/)).toBeVisible({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Take the model with two latents' }).click();
  await expect(page.getByRole('application', { name: 'Canvas to complete' })).toBeVisible();
});

for (const part of ['draw', 'repair', 'pixels']) {
  test(`axe finds nothing in the part ${part}`, async ({ page }) => {
    await open(page, `part:${part}`);
    await expect(page.getByRole('application', { name: 'Map of codes that fit' })).toBeVisible({
      timeout: 60_000,
    });
    const { violations } = await new AxeBuilder({ page }).include('[role=tabpanel]').analyze();
    expect(violations).toEqual([]);
  });
}
