// What all chapters of the Story have in common: the paper stays where it is, guesses stay with their drawing, and the way on and back.
import { expect, test, type Page } from '@playwright/test';

import { settled } from './canvas';

test.use({ contextOptions: { reducedMotion: 'reduce' } });

const chapter = (page: Page, number: number) =>
  page.getByRole('article', { name: new RegExp(`^Chapter ${String(number)}:`) });
const revealed = (page: Page) => page.getByTestId('reveal').locator('strong');
const pad = (page: Page) => page.getByLabel('Your drawing, in the Story');

async function open(page: Page, number: number): Promise<void> {
  await page.goto(`#lab=story&story=chapter:${String(number)}`);
  await expect(chapter(page, number)).toBeVisible();
}

async function guess(page: Page): Promise<void> {
  await page.getByRole('slider', { name: 'Your guess' }).press('ArrowRight');
  await page.getByRole('button', { name: 'Reveal', exact: true }).click();
  await expect(revealed(page)).toHaveText(/^You said/, { timeout: 60_000 });
}

test('the paper does not move under the pen that begins on it', async ({ page }) => {
  for (const number of [1, 6, 21]) {
    await open(page, number);
    await settled(page.getByRole('img', { name: 'What the model sees', exact: true }));
    await chapter(page, number).getByRole('button', { name: 'Empty' }).click();
    await expect(page.getByText('The paper is empty')).toBeVisible();
    await pad(page).scrollIntoViewIfNeeded();
    const before = await pad(page).boundingBox();
    const [x, y, side] = [before?.x ?? 0, before?.y ?? 0, before?.width ?? 0];
    await page.mouse.move(x + side / 2, y + side / 4);
    await page.mouse.down();
    await page.mouse.move(x + side / 2, y + (3 * side) / 4, { steps: 8 });
    await expect(page.getByText('The paper is empty')).toBeHidden();
    expect(await pad(page).boundingBox()).toEqual(before);
    await page.mouse.up();
  }
});

test('a guess is judged for the drawing that it was made for alone', async ({ page }) => {
  await open(page, 1);
  await guess(page);
  const said = await revealed(page).innerText();
  const answer = await page.getByTestId('reveal').getAttribute('data-answer');
  await chapter(page, 1).getByRole('button', { name: 'Another digit' }).click();
  await expect(revealed(page)).toHaveText(/^Here it is \d+ pixels. Your guess was \d+ pixels when it was/);
  await expect(revealed(page)).toContainText(`when it was ${String(answer)} pixels`);
  await page.getByRole('button', { name: 'Guess again' }).click();
  await guess(page);
  expect(await revealed(page).innerText()).not.toBe(said);
});

test('who reveals at once after another digit gets the answer of that digit alone', async ({ page }) => {
  await open(page, 1);
  await expect(page.getByRole('slider', { name: 'Your guess' })).toBeVisible();
  await settled(page.getByRole('img', { name: 'What the model sees', exact: true }));
  // Before the model sees it, and then before the pen counts as resting.
  for (const frames of [0, 1, 3, 6, 10]) {
    const answers = await page.evaluate(async (frames) => {
      const find = (name: string): HTMLButtonElement | undefined =>
        [...document.querySelectorAll('button')].find((button) => button.textContent.trim() === name);
      const frame = (): Promise<unknown> => new Promise((resolve) => requestAnimationFrame(resolve));
      find('Guess again')?.click();
      await frame();
      find('Another digit')?.click();
      for (let at = 0; at < frames; at += 1) await frame();
      const slider = document.querySelector<HTMLInputElement>('input[aria-label="Your guess"]');
      slider?.dispatchEvent(new MouseEvent('click', { bubbles: true }));
      await frame();
      find('Reveal')?.click();
      const told: string[] = [];
      const until = performance.now() + 3_000;
      while (performance.now() < until) {
        await frame();
        const answer = document.querySelector('[data-testid="reveal"]')?.getAttribute('data-answer');
        if (answer && !told.includes(answer)) told.push(answer);
      }
      return told;
    }, frames);
    expect(answers, `after ${String(frames)} frames`).toHaveLength(1);
  }
});

test('an answer that waits for a drawing says so, and comes with it; one that needs none does not', async ({
  page,
}) => {
  const asked = page.getByText('draw something, and the answer comes');
  await open(page, 1);
  await settled(page.getByRole('img', { name: 'What the model sees', exact: true }));
  await chapter(page, 1).getByRole('button', { name: 'Empty' }).click();
  await page.getByRole('slider', { name: 'Your guess' }).press('ArrowRight');
  await page.getByRole('button', { name: 'Reveal', exact: true }).click();
  await expect(asked).toBeVisible();
  await chapter(page, 1).getByRole('button', { name: 'Another digit' }).click();
  await expect(revealed(page)).toHaveText(/^You said/);
  await chapter(page, 1).getByRole('button', { name: 'Empty' }).click();
  await open(page, 14);
  await page.getByRole('region', { name: 'First guess, then look' }).getByRole('radio').first().check();
  await page.getByRole('button', { name: 'Reveal', exact: true }).click();
  await expect(page.getByText('Computing it…')).toBeVisible();
  await expect(asked).toHaveCount(0);
});

test('a model chosen in the middle of a chapter does not leave it waiting', async ({ page }) => {
  await open(page, 15);
  await expect(page.getByRole('button', { name: 'Other codes for both' })).toBeVisible();
  await page.getByRole('button', { name: /^model/i }).click();
  await page
    .getByRole('group', { name: 'Models' })
    .getByRole('button', { name: /Stroke digits, 2/ })
    .click();
  await expect(page.getByText('This chapter is about another model')).toBeVisible();
  await page.getByRole('button', { name: 'Load the model of this chapter' }).click();
  await expect(page.getByRole('button', { name: 'Other codes for both' })).toBeVisible();
  await expect(page.getByRole('button', { name: /MNIST, 2 latents/ }).first()).toBeVisible();
});

test('a press on the middle of the slider is a guess, and its ends are written', async ({ page }) => {
  await open(page, 1);
  const slider = page.getByRole('slider', { name: 'Your guess' });
  await expect(page.locator('.ends')).toHaveText(/^\s*0 pixels\s*\d+ pixels\s*$/);
  await slider.click();
  await expect(page.getByRole('button', { name: 'Reveal', exact: true })).toBeEnabled();
});

test('the browser goes back chapter by chapter, and to the lab before', async ({ page }) => {
  await page.goto('');
  await page.getByRole('button', { name: 'New to this? Begin the Story' }).click();
  await expect(chapter(page, 1)).toBeVisible();
  await page.getByRole('button', { name: 'Forward →' }).click();
  await expect(chapter(page, 2)).toBeVisible();
  await page.getByRole('button', { name: /^Next: / }).click();
  await expect(chapter(page, 3)).toBeVisible();
  await page.goBack();
  await expect(chapter(page, 2)).toBeVisible();
  await page.goBack();
  await expect(chapter(page, 1)).toBeVisible();
  await page.goForward();
  await expect(chapter(page, 2)).toBeVisible();
  await page.goBack();
  await page.goBack();
  await expect(page.getByRole('tab', { name: 'Draw', exact: true })).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByRole('button', { name: /the Story/ }).first()).toBeVisible();
});

test('who has begun is led on, and after the last chapter stands the end', async ({ page }) => {
  await open(page, 25);
  await expect(page.getByRole('region', { name: 'The end of the Story' })).toBeVisible();
  await expect(page.getByRole('button', { name: /^Next: / })).toHaveCount(0);
  await page.goto('./');
  await page.getByRole('button', { name: 'Go on with the Story, chapter 25' }).click();
  await expect(chapter(page, 25)).toBeVisible();
});

test('the numbers of the bound add up as they are shown', async ({ page }) => {
  await open(page, 12);
  for (let digit = 0; digit < 4; digit += 1) {
    await expect(page.locator('[data-fact="gap"]').first()).toHaveText(/\d/, { timeout: 60_000 });
    const shown = async (fact: string): Promise<number> => {
      const text = await page.locator(`[data-fact="${fact}"]`).first().innerText();
      return Math.round(100 * Number(text.replace('−', '-').replace(',', '')));
    };
    const [evidence, elbo, gap] = [await shown('evidence'), await shown('elbo'), await shown('gap')];
    expect(elbo + gap).toBe(evidence);
    expect((await shown('reconstruction')) - (await shown('rate'))).toBe(elbo);
    const text = await page.locator('[data-fact="evidence"]').first().innerText();
    await chapter(page, 12).getByRole('button', { name: 'Another digit' }).click();
    await expect(page.locator('[data-fact="evidence"]').first()).not.toHaveText(text);
  }
});

test.describe('with motion', () => {
  test.use({ contextOptions: { reducedMotion: 'no-preference' } });

  test('who begins the Story sees its first line whole', async ({ page }) => {
    await page.goto('');
    await settled(page.getByRole('img', { name: 'Reconstruction', exact: true }));
    await page.getByText('Begin the Story').click();
    await expect(chapter(page, 1)).toBeVisible();
    const top = async (): Promise<number> =>
      (await page.getByRole('navigation', { name: 'Chapters' }).boundingBox())?.y ?? NaN;
    const bar = await page.getByRole('tablist').boundingBox();
    await expect.poll(top).toBeLessThan(200);
    await page.waitForTimeout(1_000);
    expect(await top()).toBeGreaterThanOrEqual((bar?.height ?? NaN) - 1);
  });
});
