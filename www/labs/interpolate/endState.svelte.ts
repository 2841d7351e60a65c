/** What the model makes of an end that is not the drawing above. */

import { engine } from '../../engine/client';
import type { Binarization, Perception } from '../../engine/protocol';
import { toSketch, type Sketch } from '../../state/drawing.svelte';
import { Figure } from '../../state/figure.svelte';
import type { CurrentModel } from '../../state/model.svelte';
import { toStrokeData } from '../../state/strokes';
import type { End } from './ends';

/** The parts of a perception that an end needs; the drawing above is seen the same way. */
export type Seen = Pick<Perception, 'input' | 'mean' | 'reconstruction'>;

export class EndState extends Figure<Seen & { label: number | undefined }> {
  async see(end: End, model: CurrentModel, binarization: Binarization, seed: number): Promise<void> {
    if (end.kind === 'drawing') return;
    await this.find(model, async (signal) => {
      const worker = await engine.figures(model.key);
      let sketch: Sketch;
      let label: number | undefined;
      if (end.kind === 'kept') sketch = end.sketch;
      else {
        const digit = await worker.call('strokeDigit', [seed, end.index, end.label], signal);
        sketch = toSketch(digit);
        ({ label } = digit);
      }
      const strokes = toStrokeData(sketch.strokes, sketch.penWidth);
      const options = { binarization, samples: 1, seed };
      const perception = await worker.call('perceive', [model.key, strokes, options], signal);
      return { ...perception, label };
    });
  }
}
