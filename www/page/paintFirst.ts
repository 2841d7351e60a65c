/**
 * Paints the canvases of the page as its HTML shows it, with the painters that the live page has. Bundled by itself and
 * written into the HTML: it runs before any other script has come.
 */

import { rgb } from '../components/colour';
import { InkPainter } from '../components/ink';
import { paintCodes, paintManifold } from '../components/latentMap';
import { paintTiles } from '../components/tiles';
import { SIDE } from '../engine/protocol';
import { keepPen } from './earlyPen';
import { codesOf, isOf, manifoldOf, perceptionOf, readFirstPicture, type FirstPicture } from './firstPicture';

const root = document.getElementById('app');
const picture = readFirstPicture();
if (root && picture) {
  const lab = new URLSearchParams(location.hash.slice(1)).get('lab') ?? picture.lab;
  // In another view the page looks otherwise.
  const isWhole = !/[?&](embed|present)\b/.test(location.search);
  if (isWhole && isOf(picture, location.hash) && lab === picture.lab) paint(root, picture);
  else root.replaceChildren();
}

function paint(page: HTMLElement, picture: FirstPicture): void {
  const style = getComputedStyle(document.documentElement);
  const colour = (token: string): string => style.getPropertyValue(token).trim();
  const names = picture.names?.[document.documentElement.lang];
  const canvas = (name: string, select: (label: string) => string): HTMLCanvasElement | null =>
    page.querySelector(select(`[aria-label="${names?.[name] ?? name}"]`));
  const drawnOn = (label: string): string => `canvas${label}`;
  const { input, reconstruction } = perceptionOf(picture);

  const drawn = canvas('Drawing canvas', drawnOn);
  if (drawn) {
    const side = Math.round(drawn.clientWidth * devicePixelRatio);
    new InkPainter(drawn).paint({ ...picture.sketch, colour: colour('--ink'), side });
    keepPen(drawn);
  }
  for (const [name, pixels, token] of [
    ['What the model sees', input, '--ink'],
    ['Reconstruction', reconstruction, '--green-ink'],
  ] as const) {
    const context = canvas(name, drawnOn)?.getContext('2d');
    if (!context) continue;
    const image = context.createImageData(SIDE, SIDE);
    paintTiles(image, pixels, 1, SIDE, rgb(colour(token)));
    context.putImageData(image, 0, 0);
  }
  const map = canvas('Latent map', (label) => `${label} canvas`);
  const context = map?.getContext('2d');
  if (!map || !context) return;
  const density = Math.min(2, devicePixelRatio);
  const side = map.clientWidth;
  map.width = map.height = Math.round(side * density);
  paintManifold(context, manifoldOf(picture), map.width, colour('--green-ink'), true);
  const digits = (): void => {
    const colours = Array.from({ length: 10 }, (_, digit) => colour(`--class-${String(digit)}`));
    const glyph = Math.max(8, Math.min(11, side / 44)) * density;
    const font = colour('--font');
    paintCodes(context, codesOf(picture), picture.extent, map.width, glyph, colours, font, undefined);
  };
  // Before that they would be those of another font.
  void document.fonts.load(`650 1em ${colour('--font')}`).then(digits, digits);
}
