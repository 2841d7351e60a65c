// What the Train lab's tests do again and again.
import { deflateSync } from 'node:zlib';

import { expect, type Locator, type Page, test, type Worker } from '@playwright/test';

/** Small, so that every test trains in seconds on a slow machine. */
export const SMALL = 'images:400,hidden:~32,batchSize:32';
export const MIRRORS = [
  'raw.githubusercontent.com',
  'storage.googleapis.com',
  'ossci-datasets.s3.amazonaws.com',
];

export async function open(page: Page, options = SMALL): Promise<void> {
  await page.goto(`#lab=train&train=${options}`);
  await expect(start(page)).toBeEnabled({ timeout: 60_000 });
}

/** Shows the options that only experts see. */
export async function openExpert(page: Page): Promise<void> {
  const summary = page.locator('summary', { hasText: 'Expert: all options' });
  if (!(await summary.evaluate((element) => element.closest('details')?.open))) await summary.click();
}

export async function openOwnHand(page: Page): Promise<void> {
  const summary = page.locator('summary', { hasText: 'Your own hand' });
  if (!(await summary.evaluate((element) => element.closest('details')?.open))) await summary.click();
}

export const start = (page: Page): Locator =>
  page.getByRole('button', { name: 'Start training', exact: true });
export const pause = (page: Page): Locator =>
  page.getByRole('button', { name: 'Pause training', exact: true });
export const stepButton = (page: Page): Locator => page.getByRole('button', { name: 'Step', exact: true });
export const reset = (page: Page): Locator => page.getByRole('button', { name: 'Reset model', exact: true });

export async function stepsDone(page: Page): Promise<number> {
  return Number((await page.getByTestId('step').innerText()).replaceAll(',', ''));
}

export async function nats(page: Page, measure: string): Promise<number> {
  return Number((await page.getByTestId(`held-out-${measure}`).innerText()).replace('−', '-'));
}

export async function trainTo(page: Page, steps: number): Promise<void> {
  await start(page).click();
  await expect.poll(() => stepsDone(page), { timeout: 180_000 }).toBeGreaterThanOrEqual(steps);
  await pause(page).click();
  await expect(start(page)).toBeEnabled();
}

/** The last values of the curves, to a hundredth of a nat. */
export async function curves(page: Page): Promise<string> {
  const texts = await page
    .locator('.chart + span')
    .evaluateAll((spans) => spans.map((span) => span.textContent));
  return texts.join(' | ');
}

export function openFile(
  page: Page,
  input: string,
  files: { name: string; bytes: Uint8Array }[],
): Promise<void> {
  return page.getByLabel(input).setInputFiles(
    files.map(({ name, bytes }) => ({
      name,
      mimeType: 'application/octet-stream',
      buffer: Buffer.from(bytes),
    })),
  );
}

/** As a hand does it: dragged over some place, the lab if none is named, and let go. */
export async function drop(
  page: Page,
  files: { name: string; bytes: Uint8Array }[],
  place: Locator = page.getByRole('group', { name: 'Training', exact: true }),
): Promise<void> {
  const transfer = await page.evaluateHandle(
    (all) => {
      const data = new DataTransfer();
      for (const { name, bytes } of all) data.items.add(new File([Uint8Array.from(bytes)], name));
      return data;
    },
    files.map(({ name, bytes }) => ({ name, bytes: [...bytes] })),
  );
  await place.dispatchEvent('dragenter', { dataTransfer: transfer });
  await place.dispatchEvent('dragover', { dataTransfer: transfer });
  await place.dispatchEvent('drop', { dataTransfer: transfer });
}

/** The checksum of a PNG's parts. */
function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xed_b8_83_20 : 0);
  }
  return ~crc >>> 0;
}

/** A square picture of one byte a pixel, as a PNG file. */
export function png(side: number, grey: (x: number, y: number) => number): Uint8Array {
  const chunk = (kind: string, body: Uint8Array): Buffer => {
    const named = Buffer.concat([Buffer.from(kind), body]);
    const ends = Buffer.alloc(8);
    ends.writeUInt32BE(body.length, 0);
    ends.writeUInt32BE(crc32(named), 4);
    return Buffer.concat([ends.subarray(0, 4), named, ends.subarray(4)]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header[8] = 8;
  const lines = Buffer.alloc(side * (side + 1));
  for (let y = 0; y < side; y += 1)
    for (let x = 0; x < side; x += 1) lines[y * (side + 1) + 1 + x] = grey(x, y);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(lines)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Bars that no digit looks like, as IDX files. */
export function idxFiles(count: number): { images: Uint8Array; labels: Uint8Array } {
  const images = Buffer.alloc(16 + count * 784);
  [0x803, count, 28, 28].forEach((value, at) => images.writeUInt32BE(value, 4 * at));
  for (let image = 0; image < count; image += 1) {
    const row = 16 + image * 784 + (4 + (image % 20)) * 28;
    images.fill(255, row, row + 56);
  }
  const labels = Buffer.alloc(8 + count);
  [0x801, count].forEach((value, at) => labels.writeUInt32BE(value, 4 * at));
  for (let image = 0; image < count; image += 1) labels[8 + image] = image % 10;
  return { images, labels };
}

export async function trainingWorker(page: Page): Promise<Worker> {
  for (const worker of page.workers()) {
    if (/^train:/.test(await worker.evaluate(() => self.name))) return worker;
  }
  throw new Error('no worker trains');
}

/** Every test waits for the engine, for digits to be drawn and for real training; and the page asks no stranger. */
export function trainingTests(): void {
  test.describe.configure({ timeout: 300_000 });

  test.beforeEach(({ page }) => {
    page.on('request', (request) => {
      const host = new URL(request.url()).hostname;
      if (host !== '127.0.0.1' && host !== '' && !MIRRORS.includes(host)) {
        throw new Error(`the page asked ${host}`);
      }
    });
  });
}
