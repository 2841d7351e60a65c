// The Train lab on the built site: a model learns in the tab, and the page stays free.
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Locator, test } from '@playwright/test';

import { opacities, reconstruction, settled } from './canvas';
import {
  curves,
  open,
  openExpert,
  pause,
  reset,
  start,
  stepButton,
  stepsDone,
  trainTo,
  trainingTests,
  trainingWorker,
} from './training';

trainingTests();

test('a reset gives the same initial weights, another seed others', async ({ page }) => {
  await open(page);
  const threeSteps = async (): Promise<string[]> => {
    const found = [await curves(page)];
    for (let step = 1; step <= 3; step += 1) {
      await stepButton(page).click();
      await expect.poll(() => stepsDone(page)).toBe(step);
      // The step is counted at once; its curves follow when the held-out images have been looked at.
      await expect.poll(() => curves(page)).not.toBe(found.at(-1));
      found.push(await curves(page));
    }
    return found;
  };
  const first = await threeSteps();
  expect(new Set(first).size, 'the curves move').toBe(4);
  await reset(page).click();
  await expect.poll(() => stepsDone(page)).toBe(0);
  await expect(stepButton(page)).toBeEnabled();
  // The run before is in the charts now, named before the two curves of this run.
  const normal = (texts: string[]): string[] =>
    texts.map((text) => text.replaceAll(/run before[^;]*; /g, ''));
  expect(normal(await threeSteps())).toEqual(normal(first));

  await page.getByRole('textbox', { name: 'Seed', exact: true }).fill('2');
  await page.keyboard.press('Enter');
  await expect(page.getByText('The settings have changed')).toBeVisible();
  await reset(page).click();
  await expect.poll(() => stepsDone(page)).toBe(0);
  await expect(stepButton(page)).toBeEnabled();
  expect(normal(await threeSteps())).not.toEqual(normal(first));
  await expect.poll(() => page.url()).toContain('seed%3A2');
});

test('the trained model becomes the page’s', async ({ page }) => {
  await open(page);
  await trainTo(page, 60);
  await page.getByRole('button', { name: 'Use this model on the page' }).click();
  await expect(page.getByRole('button', { name: /^Model: trained in this tab/ })).toBeVisible();
  const inked = (): Promise<number> =>
    page
      .getByRole('img', { name: 'Reconstruction', exact: true })
      .evaluate((canvas: HTMLCanvasElement) =>
        Array.from(canvas.getContext('2d')?.getImageData(0, 0, 28, 28).data ?? []).reduce(
          (sum, value, at) => sum + (at % 4 === 3 ? value : 0),
          0,
        ),
      );
  await expect.poll(inked).toBeGreaterThan(2_000);
});

test('the page’s model follows the run when asked to, whichever lab is open; else nothing is computed for nobody', async ({
  page,
}) => {
  await open(page);
  const follows = page.getByRole('checkbox', { name: 'the page follows while it trains' });
  await expect(follows).not.toBeChecked();
  const worker = await trainingWorker(page);
  await worker.evaluate(() => {
    const counter = self as unknown as { looks: number };
    counter.looks = 0;
    addEventListener('message', ({ data }: MessageEvent<{ path?: string[] }>) => {
      if (data.path?.includes('encodeDataset')) counter.looks += 1;
    });
  });
  const looks = (): Promise<number> => worker.evaluate(() => (self as unknown as { looks: number }).looks);
  /** How often the model in training was looked at within some time. */
  const looksIn = async (milliseconds: number): Promise<number> => {
    const before = await looks();
    await page.waitForTimeout(milliseconds);
    return (await looks()) - before;
  };
  const tab = (name: string): Promise<void> => page.getByRole('tab', { name, exact: true }).click();

  await start(page).click();
  // From here on the strip keeps a picture at steps 1,000, 2,000, 5,000 only, watched or not.
  await expect.poll(() => stepsDone(page), { timeout: 120_000 }).toBeGreaterThan(500);
  const afterTheStrip = await looks();
  await expect.poll(looks, 'watched').toBeGreaterThan(afterTheStrip + 2);
  await tab('Sample');
  await page.waitForTimeout(500);
  expect(await looksIn(2_500)).toBeLessThanOrEqual(2);
  const before = await looks();
  await tab('Train');
  await expect.poll(looks, 'watched again').toBeGreaterThan(before + 2);

  await follows.check();
  await expect(page.getByRole('button', { name: /^Model: trained in this tab/ })).toBeVisible();
  await tab('Draw');
  const seen = await settled(reconstruction(page));
  await expect.poll(() => opacities(reconstruction(page)), { timeout: 30_000 }).not.toEqual(seen);
  await tab('Train');
  await expect(pause(page)).toBeVisible();
  await expect(follows).toBeChecked();
  await follows.uncheck();
  await tab('Draw');
  await page.waitForTimeout(500);
  expect(await looksIn(2_500)).toBeLessThanOrEqual(2);
});

test('a learning rate beyond all reason is caught, halved and said', async ({ page }) => {
  await open(page, 'images:400,hidden:~64~64,learningRate:1');
  await start(page).click();
  await expect(page.getByText(/The numbers became infinite/)).toBeVisible({ timeout: 60_000 });
  const rate = Number(await page.getByRole('textbox', { name: 'Learning rate', exact: true }).inputValue());
  expect(rate).toBeLessThanOrEqual(0.5);
  expect(rate).toBeGreaterThan(0);
});

test('the keyboard alone trains', async ({ page }) => {
  await open(page);
  await start(page).focus();
  await page.keyboard.press('Enter');
  await expect(pause(page)).toBeFocused();
  await expect.poll(() => stepsDone(page)).toBeGreaterThan(5);
  await page.keyboard.press('Enter');
  await expect(start(page)).toBeFocused();
  const steps = await stepsDone(page);
  await page.keyboard.press('Tab');
  await expect(stepButton(page)).toBeFocused();
  await page.keyboard.press('Enter');
  await expect.poll(() => stepsDone(page)).toBe(steps + 1);
});

test('the page stays free while a model trains', async ({ page, browser }) => {
  await open(page);
  await start(page).click();
  await expect.poll(() => stepsDone(page)).toBeGreaterThan(50);
  await browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline'] });
  await page.waitForTimeout(4_000);
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as {
    traceEvents: { name: string; pid: number; tid: number; tdur?: number; args: { name?: string } }[];
  };
  const main = new Set(
    traceEvents
      .filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid} ${tid}`),
  );
  // Time on the processor, in milliseconds: a busy machine must not fail the page.
  const tasks = traceEvents
    .filter(({ name, pid, tid }) => name.endsWith('RunTask') && main.has(`${pid} ${tid}`))
    .map(({ tdur = 0 }) => tdur / 1_000);
  expect(tasks.length).toBeGreaterThan(100);
  expect(Math.max(...tasks)).toBeLessThan(50);
});

test('axe finds no serious fault in the lab', async ({ page }) => {
  await open(page);
  await trainTo(page, 10);
  const { violations } = await new AxeBuilder({ page }).analyze();
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  expect(serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
});

test('the preset that runs looks pressed, and threads are chosen without a word of failure', async ({
  page,
}) => {
  await open(page);
  const preset = (name: string): Locator => page.getByRole('button', { name, exact: true });
  await expect(preset('The defaults')).toHaveAttribute('aria-pressed', 'false');
  await preset('Tiny model').click();
  await expect.poll(() => stepsDone(page)).toBeGreaterThan(5);
  await expect(preset('Tiny model')).toHaveAttribute('aria-pressed', 'true');
  await expect(preset('8 latents')).toHaveAttribute('aria-pressed', 'false');
  await openExpert(page);
  await page.getByRole('combobox', { name: 'Threads' }).selectOption('2');
  await expect(page.getByText(/^Training goes on with 2 threads, from step [\d,]+\.$/)).toBeVisible();
  await expect(page.getByText('The training worker stopped')).toHaveCount(0);
  await expect(preset('Tiny model')).toHaveAttribute('aria-pressed', 'true');
});

test('Pause does not wait for the end of a long step', async ({ page }) => {
  // Batches and layers at their limits: on one thread a step takes many seconds.
  await open(page, 'images:2100,hidden:~1024~1024,batchSize:2048');
  const began = Date.now();
  await stepButton(page).click();
  await expect.poll(() => stepsDone(page), { timeout: 200_000, intervals: [50] }).toBe(1);
  const step = Date.now() - began;
  await expect(start(page)).toBeEnabled({ timeout: 60_000 });
  await start(page).click();
  await page.waitForTimeout(step / 3);
  const waited = await page.evaluate(async () => {
    const named = (name: string): HTMLElement | undefined =>
      [...document.querySelectorAll('button')].find((button) => button.textContent.trim() === name);
    const clicked = performance.now();
    named('Pause training')?.click();
    while (!named('Start training')) await new Promise((resolve) => setTimeout(resolve, 1));
    return performance.now() - clicked;
  });
  console.log(`a step ${step} ms, Pause ${waited.toFixed(0)} ms`);
  expect(waited).toBeLessThan(step / 10);
  // What was done of the step is not counted, and it goes on from there.
  expect(await stepsDone(page)).toBe(1);
});
