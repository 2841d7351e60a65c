// The walks of the Posterior lab: every kernel, every start, every trouble; held against the package's walk with the same
// dice and against the command line's chains.
import { expect, test, type Locator, type Page } from '@playwright/test';

import { settled } from './canvas';
import { shipped, thresholded, walk } from './commandLine';
import { asPixels, engine, modelOf } from './package';

test.use({ contextOptions: { reducedMotion: 'reduce' } });

const SEED = 11;
const CHAINS = 4;
/** Of the page's walks, where they find the size of their moves. */
const WARM_UP = 150;

const numberIn = (text: string): number =>
  Number((/[−-]?\d+(?:\.\d+)?/.exec(text.replaceAll(',', ''))?.[0] ?? 'NaN').replace('−', '-'));
const factText = (page: Page, name: string): Promise<string> =>
  page.locator(`[data-fact="${name}"]`).innerText();
const fact = async (page: Page, name: string): Promise<number> => numberIn(await factText(page, name));
const play = (page: Page): Locator => page.getByRole('button', { name: 'Play the walk' });
const pause = (page: Page): Locator => page.getByRole('button', { name: 'Pause the walk' });
const map = (page: Page): Locator => page.getByRole('application', { name: 'Walkers on the posterior' });
const radio = (page: Page, name: string): Locator => page.getByRole('radio', { name, exact: true });
/** Where every chain is, and what is known of the exact posterior, as a screen reader is told. */
async function trace(page: Page, latent: string): Promise<{ at: number[]; mean: number; sd: number }> {
  const hidden = page
    .getByRole('img', { name: `Trace of ${latent}` })
    .locator('xpath=following-sibling::span');
  const text = ((await hidden.first().textContent()) ?? '').replaceAll('−', '-');
  const [, places = '', mean = 'NaN', sd = 'NaN'] =
    /now at ([^;]+); the exact posterior has the mean (\S+) and the standard deviation (\d+(?:\.\d+)?)/.exec(
      text,
    ) ?? [];
  return { at: places.split(', ').map(Number), mean: Number(mean), sd: Number(sd) };
}

/** Opens the lab; the pixels that the model sees. */
async function open(page: Page, settings: string): Promise<number[]> {
  await page.goto(`#lab=posterior&seed=${String(SEED)}&posterior=${settings}`);
  await expect(play(page)).toBeEnabled({ timeout: 60_000 });
  const seen = await settled(page.getByRole('img', { name: 'What the model sees', exact: true }));
  await expect(map(page).locator('path.mass').first()).toBeAttached({ timeout: 60_000 });
  await expect(page.locator('[data-fact="variation"]')).toBeVisible();
  return thresholded(seen);
}

async function playTo(page: Page, steps: number): Promise<void> {
  await page.getByRole('slider', { name: 'Speed of the walk' }).fill('5');
  await play(page).click();
  await expect.poll(() => fact(page, 'steps'), { timeout: 60_000 }).toBeGreaterThanOrEqual(steps);
  await rest(page);
}

/** Pauses, and waits for the answers that are still under way. */
async function rest(page: Page): Promise<void> {
  await pause(page).click();
  await expect(play(page)).toBeEnabled();
  let last = NaN;
  await expect(async () => {
    const before = last;
    last = await fact(page, 'steps');
    expect(last).toBe(before);
  }).toPass({ intervals: [400], timeout: 20_000 });
}

test('each kernel’s walk is the package’s with the same dice, figure by figure', async ({ page }) => {
  const image = await open(page, 'part:walkers');
  const model = modelOf('mnist-2d');
  for (const [name, kernel] of [
    ['random walk', 'random-walk'],
    ['jumps from q', 'independence'],
    ['pCN', 'pcn'],
    ['HMC', 'hmc'],
  ] as const) {
    await radio(page, name).click();
    await expect(page.locator('[data-fact="steps"]')).toHaveText('0');
    await expect(play(page)).toBeEnabled();
    await playTo(page, WARM_UP + 150);
    const own = new engine.Walkers(model, asPixels(image), {
      ...{ kernel, chains: CHAINS, start: 'encoder', seed: SEED, warmUp: WARM_UP },
    });
    const steps = await fact(page, 'steps');
    own.advance(steps);
    const { draws, acceptance, rHat, effectiveSamples } = own.diagnose(60);
    expect(draws, kernel).toBe(steps - WARM_UP);
    await expect(page.locator('[data-fact="worth"]'), kernel).toHaveText(
      Math.round(Math.min(...effectiveSamples)).toLocaleString('en'),
    );
    expect(await factText(page, 'accepted'), kernel).toBe(`${(100 * acceptance).toFixed(0)} %`);
    expect(await factText(page, 'rhat'), kernel).toBe(Math.max(...rHat).toFixed(3));
    const places = own.places();
    for (const [latent, at] of [
      ['z1', 0],
      ['z2', 1],
    ] as const) {
      const shown = (await trace(page, latent)).at;
      expect(shown.length, kernel).toBe(CHAINS);
      shown.forEach((value, chain) => {
        expect(Math.abs(value - (places[2 * chain + at] ?? NaN)), `${kernel}, ${latent}`).toBeLessThan(
          0.0051,
        );
      });
    }
    own.free();
  }
  await expect(page.locator('.toast.problem')).toHaveCount(0);
});

test('a walk mixes and is accepted as the command line’s chains on the same pixels', async ({ page }) => {
  const DRAWS = 250;
  const image = await open(page, 'part:walkers');
  await playTo(page, WARM_UP + DRAWS);
  const report = await walk(shipped('mnist-2d'), image, { kernel: 'hmc', warmUp: WARM_UP, draws: DRAWS });
  // Other dice: the same within what dice change.
  expect(Math.abs((await fact(page, 'accepted')) / 100 - report.acceptance)).toBeLessThan(0.08);
  expect(Math.max(await fact(page, 'rhat'), report.worstRHat)).toBeLessThan(1.03);
  const ownWorth = (await fact(page, 'worth')) / ((await fact(page, 'steps')) - WARM_UP);
  const worth = report.leastEffectiveSamples / DRAWS;
  expect(ownWorth / worth).toBeGreaterThan(0.6);
  expect(ownWorth / worth).toBeLessThan(1.6);
  expect(await fact(page, 'variation')).toBeLessThan(0.2);
  expect(report.grid.totalVariation).toBeLessThan(0.2);
});

interface Shown {
  accepted: number;
  rHat: number;
  /** Independent draws, and how many that are not. */
  worth: number;
  draws: number;
  variation: number;
  expected: number;
}

const TROUBLES: {
  name: string;
  lesson: RegExp;
  checked: string[];
  /** In deviations of the posterior; none where the warm-up finds it. */
  size: number | undefined;
  pace: number;
  holds: (shown: Shown) => void;
}[] = [
  {
    name: 'Slow arrival',
    lesson: /start at draws of the prior/,
    checked: ['random walk', 'the prior', 'the whole plane', 'all of it'],
    size: 2.5,
    pace: 60,
    holds: ({ rHat, variation, expected }) => {
      expect(rHat).toBeGreaterThan(1.5);
      expect(variation).toBeGreaterThan(3 * expected);
    },
  },
  {
    name: 'Steps too small',
    lesson: /Nearly every proposal is accepted/,
    checked: ['random walk', 'the encoder’s q', 'where the mass is', 'all of it'],
    size: 0.06,
    pace: 60,
    holds: ({ accepted, rHat, worth, draws }) => {
      expect(accepted).toBeGreaterThan(90);
      expect(rHat).toBeGreaterThan(1.3);
      expect(worth).toBeLessThan(0.02 * draws);
    },
  },
  {
    name: 'Steps too large',
    lesson: /is refused/,
    checked: ['random walk', 'the encoder’s q', 'where the mass is', 'all of it'],
    size: 25,
    pace: 60,
    holds: ({ accepted, worth, draws }) => {
      expect(accepted).toBeLessThan(6);
      expect(worth).toBeLessThan(0.05 * draws);
    },
  },
  {
    name: 'Dependent draws',
    lesson: /each draw is nearly the same as the draw before it/,
    checked: ['random walk', 'the encoder’s q', 'where the mass is', 'all of it'],
    size: 0.35,
    pace: 200,
    holds: ({ accepted, rHat, worth, draws }) => {
      expect(accepted).toBeGreaterThan(60);
      expect(accepted).toBeLessThan(95);
      expect(rHat).toBeLessThan(1.3);
      expect(worth).toBeLessThan(0.07 * draws);
    },
  },
  {
    name: 'Two modes',
    lesson: /the total variation shows that a part is missing/,
    checked: ['HMC', 'the encoder’s q', 'where the mass is', 'the lower half'],
    size: undefined,
    pace: 60,
    holds: ({ rHat, variation, expected }) => {
      expect(rHat).toBeLessThan(1.05);
      // A quarter is here, the rest where no chain went.
      expect(variation).toBeGreaterThan(0.5);
      expect(expected).toBeLessThan(0.2);
    },
  },
];

test('each trouble is set up as its words say, and its figures show it', async ({ page }) => {
  await open(page, 'part:walkers,kernel:pcn,view:plane');
  const whole = [await trace(page, 'z1'), await trace(page, 'z2')];
  const deviation = Math.min(...whole.map(({ sd }) => sd));
  const group = page.getByRole('group', { name: 'Troubles of chains' });
  const lesson = page.locator('.lesson');
  for (const { name, lesson: words, checked, size, pace, holds } of TROUBLES) {
    const button = group.getByRole('button', { name, exact: true });
    await button.click();
    await expect(button).toHaveAttribute('aria-pressed', 'true');
    await expect(group.locator('[aria-pressed=true]')).toHaveCount(1);
    await expect(lesson).toHaveText(words);
    for (const choice of checked) await expect(radio(page, choice), `${name}: ${choice}`).toBeChecked();
    // It walks without being told to, at its pace.
    const speed = page.getByRole('slider', { name: 'Speed of the walk' });
    await expect(speed).toHaveAttribute('aria-valuetext', `${String(pace)} steps a second`);
    await expect(pause(page)).toBeEnabled({ timeout: 60_000 });
    await expect.poll(() => fact(page, 'steps'), { timeout: 60_000 }).toBeGreaterThan(5);
    const warmUp = size === undefined ? WARM_UP : 0;
    if (size === undefined) await expect(page.getByText('adapt the step size')).toBeVisible();
    else {
      const shown = numberIn(
        (await page.getByRole('slider', { name: 'Step size' }).getAttribute('aria-valuetext')) ?? '',
      );
      // Both are shown with two digits.
      expect(Math.abs(shown / (size * deviation) - 1), name).toBeLessThan(0.1);
    }
    await speed.fill('5');
    await expect.poll(() => fact(page, 'steps'), { timeout: 60_000 }).toBeGreaterThan(warmUp + 250);
    await rest(page);
    await expect(page.locator('[data-fact="rhat"]')).toHaveText(/\d/);
    holds({
      accepted: await fact(page, 'accepted'),
      rHat: await fact(page, 'rhat'),
      worth: await fact(page, 'worth'),
      draws: CHAINS * ((await fact(page, 'steps')) - warmUp),
      variation: await fact(page, 'variation'),
      expected: await fact(page, 'expected'),
    });
    if (name === 'Slow arrival') {
      await page.getByRole('button', { name: 'Reset the walk' }).click();
      await expect(page.locator('[data-fact="steps"]')).toHaveText('0');
      const [first, second] = [await trace(page, 'z1'), await trace(page, 'z2')];
      const away = first.at.map((value, chain) =>
        Math.hypot(value - (whole[0]?.mean ?? NaN), (second.at[chain] ?? NaN) - (whole[1]?.mean ?? NaN)),
      );
      expect(away.filter((distance) => distance > 20 * deviation).length).toBe(CHAINS - 1);
    }
  }
  // What is set by hand is no trouble any more.
  await radio(page, 'random walk').click();
  await expect(lesson).toHaveCount(0);
  await expect(group.locator('[aria-pressed=true]')).toHaveCount(0);
  await expect(page.locator('.toast.problem')).toHaveCount(0);
});

test('all chains start where the map is pressed, by mouse and by keys', async ({ page }) => {
  await open(page, 'part:walkers,view:plane');
  const description = await map(page).locator('xpath=following-sibling::p').first().innerText();
  const side = numberIn(/a side is (\S+) long/.exec(description)?.[1] ?? '');
  expect(side).toBeGreaterThan(4);
  const box = await map(page).boundingBox();
  if (!box) throw new Error('no map');
  const startsAt = async (place: readonly [number, number], room: number): Promise<void> => {
    await expect(radio(page, 'where you press')).toBeChecked();
    await expect(page.locator('[data-fact="steps"]')).toHaveText('0');
    for (const [latent, wanted] of [
      ['z1', place[0]],
      ['z2', place[1]],
    ] as const) {
      await expect
        .poll(async () =>
          Math.max(...(await trace(page, latent)).at.map((value) => Math.abs(value - wanted))),
        )
        .toBeLessThan(room);
      expect((await trace(page, latent)).at.length).toBe(CHAINS);
    }
  };
  await map(page).click({ position: { x: 0.7 * box.width, y: 0.2 * box.height } });
  // One decimal of a place, two digits of the side.
  await startsAt([0.2 * side, 0.3 * side], 0.051 + 0.02 * side);
  const circle = page.locator('circle.place');
  await expect(circle).toBeVisible();
  expect(Number(await circle.getAttribute('cx'))).toBeCloseTo(0.7 * box.width, -1);
  await playTo(page, WARM_UP + 50);
  expect(await fact(page, 'accepted')).toBeGreaterThan(10);

  await map(page).focus();
  for (const key of ['ArrowLeft', 'ArrowLeft', 'ArrowLeft', 'ArrowDown'])
    await page.keyboard.press(`Shift+${key}`);
  const announced = (await page.getByRole('tabpanel').locator('.frame p[aria-live]').innerText()).replaceAll(
    '−',
    '-',
  );
  const place = [...announced.matchAll(/z\d (-?\d+\.\d+)/g)].map(([, value]) => Number(value));
  expect(place.length).toBe(2);
  await page.keyboard.press('Enter');
  await startsAt([place[0] ?? NaN, place[1] ?? NaN], 0.051);
});

test('a model without a density to walk on says why, and offers one that has it', async ({ page }) => {
  const panel = page.getByRole('tabpanel', { name: 'Posterior' });
  for (const [model, words] of [
    ['mnist-ae-2d', /autoencoder: it answers with one code and has no probabilities/],
    ['mnist-m2', /The codes of this model are choices, not numbers/],
    ['mnist-cvae', /wants to be told which digit/],
  ] as const) {
    await page.goto(`#lab=posterior&model=${model}`);
    await expect(panel.locator('.obstacle p')).toHaveText(words, { timeout: 60_000 });
    await expect(play(page)).toHaveCount(0);
  }
  await panel.getByRole('button', { name: 'Use the model of two latents' }).click();
  await expect(play(page)).toBeEnabled({ timeout: 60_000 });
  await expect(map(page)).toBeVisible();
  await page.goto('#lab=posterior&model=mnist-32d&posterior=part:own');
  await expect(panel.locator('.obstacle p')).toHaveText(/for two latents alone; this model has 32/, {
    timeout: 60_000,
  });
  await expect(page.locator('.toast.problem')).toHaveCount(0);
});
