/** The model as it was before it learnt from the visitor's own drawings: what it made of a drawing, to compare with now. */

import { engine } from '../../engine/client';
import type { PerceiveOptions, Perception, StrokeData } from '../../engine/protocol';
import { Figure } from '../../state/figure.svelte';
import type { TrainingRun } from './run/run.svelte';

const KEY = 'before-own-hand';

export class OwnHand {
  /** The step at which the model was kept; none while there is nothing to compare with. */
  step = $state<number>();
  readonly #figure = new Figure<Perception>();
  readonly #run: TrainingRun;

  constructor(run: TrainingRun) {
    this.#run = run;
  }

  /** What the model of that step makes of the drawing. */
  get before(): Perception | undefined {
    return this.step === undefined ? undefined : this.#figure.of(this.step);
  }

  /** Keeps the model as it is, once it has learnt something. */
  async keep(): Promise<void> {
    const { step } = this.#run;
    if (step === 0 || this.step !== undefined) return;
    await engine.train.call('loadModel', [KEY, await this.#run.saveModel()]);
    this.step = step;
  }

  forget(): void {
    this.step = undefined;
    this.#figure.clear();
  }

  async look(drawing: StrokeData, options: PerceiveOptions): Promise<void> {
    await this.#figure.find(this.step, (signal) =>
      engine.train.call('perceive', [KEY, drawing, options], signal),
    );
  }
}
