/** Where a divergence comes from: its integrand on the plane of codes, what adds to it and what takes from it. */

import { integrand, type Direction, type Landscape } from '../../components/divergence';
import type { HeldGaussian } from '../../components/gaussian';
import type { Geometry } from './Plane.svelte';

type Colour = readonly [number, number, number];

/** The largest value is so opaque; smaller ones fade by this power of their share. */
const OPACITY = 0.85;
const POWER = 0.6;

let sheet: HTMLCanvasElement | undefined;

export function paintIntegrand(
  context: CanvasRenderingContext2D,
  { x, y, scale }: Geometry,
  direction: Direction,
  q: HeldGaussian,
  landscape: Landscape,
  [adds, takes]: readonly [Colour, Colour],
): void {
  const { side, centre, halfWidth } = landscape;
  const values = integrand(direction, q, landscape);
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (!(largest > 0 && Number.isFinite(largest))) return;
  const image = new ImageData(side, side);
  values.forEach((value, place) => {
    // Rows of the picture go down, those of the landscape up.
    const at = 4 * ((side - 1 - Math.floor(place / side)) * side + (place % side));
    const colour = value > 0 ? adds : takes;
    image.data.set(colour, at);
    image.data[at + 3] = 255 * OPACITY * (Math.abs(value) / largest) ** POWER;
  });
  sheet ??= document.createElement('canvas');
  sheet.width = sheet.height = side;
  sheet.getContext('2d')?.putImageData(image, 0, 0);
  const [left, top] = [x(centre[0] - halfWidth), y(centre[1] + halfWidth)];
  context.drawImage(sheet, left, top, 2 * halfWidth * scale, 2 * halfWidth * scale);
}
