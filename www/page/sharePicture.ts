/** The drawing, the map and the reconstruction as one picture, with the figures under them. */

import { nats, signed } from '../components/format';
import { models } from '../state/model.svelte';
import { perception } from '../state/perception.svelte';
import { units } from '../state/units.svelte';

const SIDE = 420;
const GAP = 30;
const HEAD = 56;
const FOOT = 84;

/** Gives the picture of what is on screen to the browser to save. */
export async function savePicture(): Promise<void> {
  const address = URL.createObjectURL(await pictureOfPage(figures(), placeOfCode()));
  const anchor = document.createElement('a');
  anchor.href = address;
  anchor.download = 'latent-canvas.png';
  anchor.click();
  URL.revokeObjectURL(address);
}

/** The model, and what it says of the drawing, in one line. */
function figures(): string {
  const seen = perception.current;
  const { evidence } = perception;
  return [
    models.current?.label,
    seen && !seen.empty ? `ELBO ${nats(units.of(seen.bound.elbo))} ${units.current}` : undefined,
    evidence &&
      `log p(x) ${evidence.tolerance === undefined ? '≈ ' : ''}${signed(units.of(evidence.value), 2)} ${units.current}`,
  ]
    .filter(Boolean)
    .join('   ·   ');
}

/** Where the drawing's code is on the map, from 0 to 1 from its left and its top; none where the map is no plane of codes. */
function placeOfCode(): readonly [number, number] | undefined {
  const model = models.current;
  const seen = perception.current;
  if (model?.latents !== 2 || !seen || seen.empty) return undefined;
  const place = (value = 0): number => (value / model.extent + 1) / 2;
  return [place(seen.mean[0]), 1 - place(seen.mean[1])];
}

/**
 * Copies what is on the page's own canvases. `code` is the place of the drawing's code on the map, from 0 to 1 from its left
 * and its top.
 */
async function pictureOfPage(figures: string, code: readonly [number, number] | undefined): Promise<Blob> {
  const style = getComputedStyle(document.documentElement);
  const colour = (token: string): string => style.getPropertyValue(token).trim();
  const canvas = document.createElement('canvas');
  canvas.width = 3 * SIDE + 4 * GAP;
  canvas.height = HEAD + SIDE + FOOT;
  const context = canvas.getContext('2d');
  if (!context) throw new Error('This browser gives no canvas to draw the picture on.');
  context.fillStyle = colour('--paper');
  context.fillRect(0, 0, canvas.width, canvas.height);
  // By the names that they have, in the language of the page.
  const names = { drawing: 'Drawing canvas', map: 'Latent map', redrawn: { label: 'Reconstruction' } };
  const parts = [
    ['drawing x', `canvas[aria-label="${names.drawing}"]`],
    ['code z', `[aria-label="${names.map}"] canvas`],
    ['reconstruction x̂', `canvas[aria-label="${names.redrawn.label}"]`],
  ] as const;
  for (const [index, [title, selector]] of parts.entries()) {
    const left = GAP + index * (SIDE + GAP);
    context.fillStyle = colour('--surface-raised');
    context.fillRect(left, HEAD, SIDE, SIDE);
    const source = document.querySelector<HTMLCanvasElement>(selector);
    // Pixels of digits stay squares; everything else is smooth.
    context.imageSmoothingEnabled = (source?.width ?? 0) > 28;
    if (source) context.drawImage(source, left, HEAD, SIDE, SIDE);
    context.fillStyle = colour('--text');
    context.font = `600 24px ${colour('--font')}`;
    context.fillText(title, left, HEAD - 18);
  }
  if (code) {
    const [x, y] = [2 * GAP + SIDE * (1 + code[0]), HEAD + SIDE * code[1]];
    for (const [token, width] of [
      ['--surface-raised', 7],
      ['--ochre', 3],
    ] as const) {
      context.beginPath();
      context.arc(x, y, 10, 0, 2 * Math.PI);
      context.strokeStyle = colour(token);
      context.lineWidth = width;
      context.stroke();
    }
  }
  context.fillStyle = colour('--text');
  context.font = `24px ${colour('--font')}`;
  context.fillText(figures, GAP, HEAD + SIDE + 50);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => {
      if (blob) resolve(blob);
      else reject(new Error('The picture could not be made.'));
    }, 'image/png');
  });
}
