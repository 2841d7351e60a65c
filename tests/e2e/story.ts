// What the Story's tests do again and again.
import { readdirSync, readFileSync } from 'node:fs';

import { expect, type Page } from '@playwright/test';

import { initSync, Model } from '../../pkg/latent_canvas.js';
import { settled } from './canvas';
import { shipped, thresholded } from './commandLine';

/** By number, in order: each is a file. */
export const CHAPTERS = readdirSync('www/labs/story/chapters')
  .map((name) => Number(/^\d+/.exec(name)?.[0]))
  .sort((a, b) => a - b);

export const chapter = (page: Page, number: number) =>
  page.getByRole('article', { name: new RegExp(`^Chapter ${String(number)}:`) });
export const revealed = (page: Page) => page.getByTestId('reveal');

export async function open(page: Page, number: number): Promise<void> {
  await page.goto(`#lab=story&story=chapter:${String(number)}`);
  await expect(chapter(page, number)).toBeVisible();
}

/** Guesses something, and gives the answer that the page then tells. */
export async function reveal(page: Page): Promise<{ answer: string; words: string }> {
  const slider = page.getByRole('slider', { name: 'Your guess' });
  const choice = page.getByRole('region', { name: 'First guess, then look' }).getByRole('radio').first();
  await expect(slider.or(choice).first()).toBeVisible();
  const button = page.getByRole('button', { name: 'Reveal', exact: true });
  await expect(button).toBeDisabled();
  if (await slider.isVisible()) {
    await slider.focus();
    await page.keyboard.press('ArrowRight');
  } else await choice.check();
  await button.click();
  await expect(revealed(page).locator('strong')).toHaveText(/^(You said|Yes)/, { timeout: 80_000 });
  return {
    answer: (await revealed(page).getAttribute('data-answer')) ?? '',
    words: await revealed(page).innerText(),
  };
}

/** The first number of a text, as the page writes it. */
export function numberIn(text: string): number {
  return Number(/−?\d[\d.,]*/.exec(text)?.[0].replace('−', '-').replaceAll(',', ''));
}

/** What the model sees of the drawing: 0 and 1. */
export async function inkOf(page: Page): Promise<Float32Array> {
  const seen = page.getByRole('img', { name: 'What the model sees', exact: true });
  return Float32Array.from(thresholded(await settled(seen)), (level) => level / 255);
}

export function loaded(id: string): Model {
  initSync({ module: readFileSync('pkg/latent_canvas_bg.wasm') });
  return Model.load(readFileSync(shipped(id)));
}
