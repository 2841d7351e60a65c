// Nats or bits, all over the page: with bits chosen nothing still counts in nats, and every figure is that of nats / ln 2.
import { expect, test, type Page } from '@playwright/test';

import { settled } from './canvas';
import { open, SMALL, trainTo, trainingTests } from './training';

test.use({ contextOptions: { reducedMotion: 'reduce' } });

/** Every part of every lab but the Story, which explains, and Train, which is trained first. */
const VIEWS = [
  'lab=draw',
  'lab=sample',
  'lab=interpolate',
  'lab=map',
  'lab=map&model=mnist-beta',
  'lab=likelihood',
  ...['walkers', 'own', 'ladder', 'gradients'].map((part) => `lab=posterior&posterior=part:${part}`),
  ...['draw', 'repair', 'pixels'].map((part) => `lab=repair&repair=part:${part}`),
  ...['table', 'classes', 'autoencoder', 'beta', 'blurry', 'linear', 'factors'].map(
    (part) => `lab=compare&compare=part:${part}`,
  ),
];

async function choose(page: Page, unit: 'nats' | 'bits'): Promise<void> {
  await page
    .getByRole('group', { name: 'Unit of information' })
    .getByRole('button', { name: unit, exact: true })
    .click();
}

/**
 * Texts and names, tooltips too, that have a word in them. Left out: the switch itself, what experiments and models of
 * other betas are about, and options of training, whose values are in nats in a link, too.
 */
function textsWith(page: Page, word: string): Promise<string[]> {
  return page.evaluate((word) => {
    const wanted = new RegExp(`\\b${word}\\b`);
    const explains =
      '[aria-label="Unit of information"], [aria-labelledby="train-experiments"], [aria-label^="Models trained before"], .param';
    const found: string[] = [];
    for (const element of document.querySelectorAll('main *')) {
      if (element.closest(explains) || element.matches('style, script')) continue;
      for (const { name, value } of element.attributes) {
        if (/^(aria-label|aria-valuetext|aria-description|title|alt)$/.test(name) && wanted.test(value)) {
          found.push(value);
        }
      }
      for (const node of element.childNodes) {
        if (node instanceof Text && wanted.test(node.data)) {
          found.push((element.parentElement?.textContent ?? node.data).replaceAll(/\s+/g, ' ').trim());
        }
      }
    }
    return found;
  }, word);
}

/** The numbers right before the unit's name, as they are written. */
function numbersIn(texts: readonly string[], unit: string): string[] {
  return texts.flatMap((text) =>
    [...text.matchAll(new RegExp(`([−-]?\\d[\\d,]*(?:\\.\\d+)?)\\s+${unit}\\b`, 'g'))]
      .map(([, number]) => (number ?? '').replaceAll(',', '').replace('−', '-'))
      // The ends of the bars' axis, 0 and a round number of each unit, stand side by side.
      .filter((number) => !/^0\d/.test(number)),
  );
}

/** Half a unit of the last digit. */
const rounding = (text: string): number => 0.5 * 10 ** -(text.split('.')[1]?.length ?? 0);

function expectConverted(nats: readonly string[], bits: readonly string[]): void {
  expect(bits.length).toBe(nats.length);
  nats.forEach((text, at) => {
    const other = bits[at] ?? '';
    // A limit of an error is rounded up, by up to a whole unit.
    const room = rounding(text) / Math.LN2 + 2 * rounding(other) + 1e-9;
    expect(Math.abs(Number(other) - Number(text) / Math.LN2), `${text} nats, ${other} bits`).toBeLessThan(
      room,
    );
  });
}

/** A link that names a model the page does not have shows another, and would be tested in its place. */
async function expectModelOf(page: Page, view: string): Promise<void> {
  const id = new URLSearchParams(view).get('model');
  if (!id) return;
  const catalogue = await page.request.get('models/index.json');
  const { models } = (await catalogue.json()) as { models: { id: string; label: string }[] };
  const asked = models.find((model) => model.id === id);
  expect(asked, `${id} is in the catalogue`).toBeDefined();
  await expect(page.getByRole('button', { name: /^model/i })).toContainText(asked?.label ?? id);
}

for (const view of VIEWS) {
  test(`with bits chosen nothing counts in nats: ${view}`, async ({ page }) => {
    await page.goto(`#${view}`);
    await settled(page.getByRole('img', { name: 'What the model sees', exact: true }));
    await expectModelOf(page, view);
    await expect(page.locator('.evidence [data-settled=true]')).toBeVisible({ timeout: 60_000 });
    await choose(page, 'bits');
    await expect.poll(async () => (await textsWith(page, 'bits')).length).toBeGreaterThan(2);
    expect(await textsWith(page, 'nats?')).toEqual([]);
  });
}

for (const view of ['lab=draw', 'lab=sample', 'lab=interpolate', 'lab=map']) {
  test(`figures in bits are those in nats / ln 2: ${view}`, async ({ page }) => {
    await page.goto(`#${view}`);
    await settled(page.getByRole('img', { name: 'What the model sees', exact: true }));
    await expect(page.locator('.evidence [data-settled=true]')).toBeVisible({ timeout: 60_000 });
    const read = async (unit: string): Promise<string[]> => numbersIn(await textsWith(page, unit), unit);
    let nats: string[] = [];
    await expect(async () => {
      const before = nats;
      nats = await read('nats');
      expect(nats.length).toBeGreaterThan(3);
      expect(nats).toEqual(before);
    }).toPass({ intervals: [700], timeout: 60_000 });
    await choose(page, 'bits');
    expectConverted(nats, await read('bits'));
  });
}

test('the ladder in bits is the ladder in nats / ln 2', async ({ page }) => {
  await page.goto('#lab=posterior&posterior=part:ladder');
  const play = page.getByRole('button', { name: 'Play the climb' });
  await expect(play).toBeEnabled({ timeout: 60_000 });
  await settled(page.getByRole('img', { name: 'What the model sees', exact: true }));
  await page.waitForTimeout(1_500);
  // Both gaps are known at its end.
  await play.click();
  await expect(page.locator('[data-fact="amortisation"]')).toHaveText(/\d/, { timeout: 60_000 });
  const read = async (): Promise<string[]> =>
    Promise.all(
      ['truth', 'best', 'encoder', 'approximation', 'amortisation'].map(async (name) =>
        (await page.locator(`[data-fact="${name}"]`).innerText()).replace('−', '-'),
      ),
    );
  const nats = await read();
  await choose(page, 'bits');
  expectConverted(nats, await read());
});

test.describe('Train', () => {
  trainingTests();

  test('curves and figures of a run in bits are those in nats / ln 2', async ({ page }) => {
    await open(page, SMALL);
    await trainTo(page, 60);
    const figures = ['elbo', 'reconstruction', 'kl'];
    const read = async (): Promise<string[]> =>
      Promise.all(
        figures.map(async (name) =>
          (await page.getByTestId(`held-out-${name}`).innerText()).replace('−', '-'),
        ),
      );
    /** The curves as a screen reader is told them: their last values. */
    const curves = async (): Promise<string[]> =>
      (await page.locator('.chart + span').allTextContents()).flatMap((text) =>
        [...text.replaceAll('−', '-').matchAll(/: (-?\d+\.\d+)/g)].map(([, number]) => number ?? ''),
      );
    const [nats, natCurves] = [await read(), await curves()];
    expect(natCurves.length).toBeGreaterThan(3);
    await choose(page, 'bits');
    expectConverted(nats, await read());
    await expect
      .poll(async () => Math.abs(Number((await curves())[0]) / Number(natCurves[0])))
      .toBeGreaterThan(1.4);
    expectConverted(natCurves, await curves());
    expect(await textsWith(page, 'nats?')).toEqual([]);
  });
});
