/** Drawings worth comparing models by, as pen strokes. */

import { drawing, type Sketch } from '../../state/drawing.svelte';
import { examples } from '../../state/examples.svelte';
import type { Stroke } from '../../state/strokes';

const LETTER: readonly Stroke[] = [
  [0.3, 0.8, 0.5, 0.2, 0.7, 0.8],
  [0.37, 0.6, 0.63, 0.6],
];

/** A 4 whose top is almost closed. */
const FOUR_OR_NINE: readonly Stroke[] = [
  [0.6, 0.23, 0.5, 0.25, 0.41, 0.33, 0.37, 0.44, 0.43, 0.51, 0.52, 0.51, 0.6, 0.46],
  [0.63, 0.26, 0.61, 0.45, 0.58, 0.62, 0.56, 0.8],
];

function draw(strokes: readonly Stroke[]): void {
  const sketch: Sketch = { strokes, penWidth: drawing.penWidth };
  drawing.replace(sketch);
}

export function drawLetter(): void {
  draw(LETTER);
}

export function drawFourOrNine(): void {
  draw(FOUR_OR_NINE);
}

export async function drawDigit(seed: number, label?: number): Promise<void> {
  const sketch = await examples.next(seed, label);
  if (sketch) drawing.replace(sketch);
}
