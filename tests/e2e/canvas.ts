// Reads pictures back from the page: a pixel's opacity is its value.
import { expect, type Locator, type Page } from '@playwright/test';

export const SIDE = 28;

/** Opacities of a canvas, 0 to 255, row by row. */
export async function opacities(canvas: Locator): Promise<number[]> {
  // As text, one character a pixel: lists of numbers are slow to bring over.
  const text = await canvas.evaluate((element) => {
    if (!(element instanceof HTMLCanvasElement)) throw new Error('not a canvas');
    const { width, height } = element;
    const data = element.getContext('2d')?.getImageData(0, 0, width, height).data ?? [];
    let characters = '';
    for (let at = 3; at < data.length; at += 4) characters += String.fromCharCode(data[at] ?? 0);
    return characters;
  });
  return Array.from(text, (character) => character.charCodeAt(0));
}

/** The images of a grid of 28×28 images, row by row, as opacities. */
export async function gridImages(canvas: Locator, gap: number): Promise<number[][]> {
  const values = await opacities(canvas);
  const width = await canvas.evaluate((element) => (element as HTMLCanvasElement).width);
  const pitch = SIDE + gap;
  const columns = (width + gap) / pitch;
  const rows = (values.length / width + gap) / pitch;
  expect(Number.isInteger(columns) && Number.isInteger(rows)).toBe(true);
  return Array.from({ length: rows * columns }, (_, cell) => {
    const left = (cell % columns) * pitch;
    const top = Math.floor(cell / columns) * pitch;
    return Array.from(
      { length: SIDE * SIDE },
      (_, pixel) => values[(top + Math.floor(pixel / SIDE)) * width + left + (pixel % SIDE)] ?? 0,
    );
  });
}

/** Largest difference of two pictures, in levels of 255. */
export function largestDifference(a: readonly number[], b: readonly number[]): number {
  expect(a.length).toBe(b.length);
  return a.reduce((largest, value, pixel) => Math.max(largest, Math.abs(value - (b[pixel] ?? 0))), 0);
}

/** What a canvas shows once it has ink and has stopped changing. */
export async function settled(canvas: Locator): Promise<number[]> {
  let last: number[] = [];
  await expect(async () => {
    const now = await opacities(canvas);
    const same = now.length === last.length && now.every((value, pixel) => value === last[pixel]);
    const inked = now.some((value) => value > 64);
    last = now;
    expect({ same, inked }, 'the picture has settled').toEqual({ same: true, inked: true });
  }).toPass({ intervals: [250], timeout: 60_000 });
  return last;
}

export function reconstruction(page: Page): Locator {
  return page.getByRole('img', { name: 'Reconstruction', exact: true });
}
