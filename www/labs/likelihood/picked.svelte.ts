/** The picture picked in place of the drawing, made of what is at hand. */

import { engine } from '../../engine/client';
import type { Binarization } from '../../engine/protocol';
import { Figure } from '../../state/figure.svelte';
import { blank, inverted, jollyRoger, letter, noise, shifted, type PictureName } from './pictures';

export interface Making {
  name: PictureName;
  /** What the model sees of the drawing, if there is one. */
  drawing: Float32Array | undefined;
  binarization: Binarization;
  seed: number;
}

export class Picked {
  readonly #figure = new Figure<Float32Array | undefined>('abort');

  of(making: Making): Float32Array | undefined {
    return this.#figure.of(making);
  }

  async make(making: Making): Promise<void> {
    await this.#figure.find(making, (signal) => pixelsOf(making, signal));
  }
}

async function pixelsOf(
  { name, drawing, binarization, seed }: Making,
  signal: AbortSignal,
): Promise<Float32Array | undefined> {
  switch (name) {
    case 'drawing':
      return drawing;
    case 'noise':
      return noise(seed, binarization === 'grey');
    case 'blank':
      return blank();
    case 'inverted':
      return drawing && inverted(drawing);
    case 'shifted':
      return drawing && shifted(drawing);
    case 'pirate':
    case 'letter': {
      const strokes = name === 'pirate' ? jollyRoger() : letter();
      const seen = await engine.pen.call('normalizeStrokes', [strokes], signal);
      return binarization === 'grey' ? seen : seen.map((value) => Number(value >= 0.5));
    }
  }
}
