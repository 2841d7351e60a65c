/** What the page's model makes of the drawing: code, reconstruction, bound, posterior, and the visitor's probes. */

import { engine } from '../engine/client';
import {
  EngineError,
  type Binarization,
  type Perception,
  type Estimator,
  type GridPosterior,
} from '../engine/protocol';
import type { Sketch } from './drawing.svelte';
import { Figure } from './figure.svelte';
import { evidenceMethod, models, type CurrentModel } from './model.svelte';
import { toStrokeData } from './strokes';

/** Monte Carlo draws of the reconstruction term while the pen moves, and when it rests. */
const ELBO_SAMPLES = 16;
export const RESTED_ELBO_SAMPLES = 400;
const QUICK_SAMPLES = 100;
const RESTED_SAMPLES = 5_000;
const REST_MS = 150;

/** log p(x), and how it was computed. */
export interface Evidence {
  /** Nats. */
  value: number;
  /** log p(x) − ELBO of the same image, nats: it may be newer or older than the bound on screen by a moment. */
  gap: number;
  method: Estimator;
  /** Of the importance estimate, nats; none for the others. */
  standardError: number | undefined;
  /** Importance samples; none for the others. */
  samples: number | undefined;
  /** An upper limit of the error of an exact value, nats; none for an estimate from draws. */
  tolerance: number | undefined;
  /** No better value is on its way. */
  settled: boolean;
}

/** Why the reconstruction shows something else than the drawing's own code. */
export type ProbeKind = 'hover' | 'held';

/** How probable a drawing is, with the perception that the gap is taken from. */
export interface Weighed {
  perception: Perception;
  evidence: Evidence;
  /** None where there is no lattice of codes. */
  posterior: GridPosterior | undefined;
}

class PerceptionState {
  /** The visitor's choice, and the kind of pixels of the model it was made for. */
  #chosen = $state.raw<{ binarization: Binarization; binaryPixels: boolean | undefined }>();
  #hovered = $state.raw<Float32Array>();
  #held = $state.raw<Float32Array>();
  #key = '';
  #rest: ReturnType<typeof setTimeout> | undefined;
  /** The drawing that the page was opened with: its figures stay until they are found anew, as good. */
  #recalled = $state.raw<Sketch>();
  // Figures of a model are known by its key: while one trains on the page, its drawing's stay until the next are there.
  readonly #answer = new Figure<Perception>();
  readonly #weighed = new Figure<Weighed>();
  /** The perception that it belongs to. */
  readonly #rested = new Figure<Weighed>('abort');
  readonly #decoded = new Figure<Float32Array>();
  /** Looks so far. */
  #asked = 0;
  /** The drawing on screen has no answer yet: what is shown may be of the one before. */
  isBehind = $state(false);

  /** The kind of pixels that the model is given: that of its likelihood, unless the visitor has chosen the other for it. */
  get binarization(): Binarization {
    return this.chosenBinarization ?? (models.current?.binaryPixels === false ? 'grey' : 'binary');
  }

  /** What the visitor has chosen, if anything. */
  get chosenBinarization(): Binarization | undefined {
    const binaryPixels = models.current?.binaryPixels;
    const chosen = this.#chosen;
    // A choice made before there was a model, by a link, is for the first one.
    return chosen && (chosen.binaryPixels ?? binaryPixels) === binaryPixels ? chosen.binarization : undefined;
  }

  /** Undefined goes back to the kind of the model's likelihood. */
  chooseBinarization(binarization: Binarization | undefined): void {
    this.#chosen = binarization && { binarization, binaryPixels: models.current?.binaryPixels };
  }

  /** Of the present drawing, by the page's present model; undefined before that has answered. */
  get current(): Perception | undefined {
    const answer = this.#answer.of(models.current?.key);
    if (answer?.mean.length !== models.current?.latents) return undefined;
    return this.#rested.of(answer)?.perception ?? answer;
  }

  get evidence(): Evidence | undefined {
    return this.#latest?.evidence;
  }

  get posterior(): GridPosterior | undefined {
    return this.#latest?.posterior;
  }

  /** The value found at rest, once it belongs to the drawing on screen; until then the newest value before. */
  get #latest(): Weighed | undefined {
    const key = models.current?.key;
    return this.#rested.of(this.#answer.of(key)) ?? this.#weighed.of(key);
  }

  /** The latents the visitor points at, over those of the drawing: a hover goes before what is held. */
  get probe(): Float32Array | undefined {
    const probe = this.#hovered ?? this.#held;
    return probe?.length === models.current?.latents ? probe : undefined;
  }

  /** What the visitor has chosen to keep in place of the drawing's own code. */
  get held(): Float32Array | undefined {
    return this.#held?.length === models.current?.latents ? this.#held : undefined;
  }

  get probeKind(): ProbeKind | undefined {
    if (!this.probe) return undefined;
    return this.#hovered ? 'hover' : 'held';
  }

  /** The picture to show as the reconstruction: the probe's, else the drawing's; nothing for an empty drawing. */
  get reconstruction(): Float32Array | undefined {
    if (this.probe) return this.#decoded.of(models.current?.key);
    return this.current && !this.current.empty ? this.current.reconstruction : undefined;
  }

  /** Shows what was found before the page was opened. */
  recall(sketch: Sketch, key: string, weighed: Weighed): void {
    this.#recalled = sketch;
    this.#key = key;
    this.#answer.recall(key, weighed.perception);
    this.#weighed.recall(key, weighed);
  }

  /** Shows nothing until the next look. */
  forget(): void {
    this.#recalled = undefined;
    this.#answer.clear();
    this.#forgetEvidence();
  }

  /** Whether what is shown was found before the page was opened. */
  get isRecalled(): boolean {
    return this.#recalled !== undefined;
  }

  /** Looks at a drawing anew. While the worker is busy only the newest drawing waits. */
  async look(sketch: Sketch, model: CurrentModel, seed: number): Promise<void> {
    clearTimeout(this.#rest);
    this.#rested.clear();
    this.#held = undefined;
    if (this.#key !== model.key) {
      this.#key = model.key;
      this.release();
      this.#answer.clear();
      this.#forgetEvidence();
    }
    const isRecalled = sketch === this.#recalled;
    const samples = isRecalled ? RESTED_ELBO_SAMPLES : ELBO_SAMPLES;
    const options = { binarization: this.binarization, samples, seed };
    const asked = ++this.#asked;
    this.isBehind = true;
    const perception = await this.#answer
      .find(model.key, (signal) => {
        // Packed here, where only the newest drawing arrives: a pen has many more events than there are answers.
        const strokes = toStrokeData(sketch.strokes, sketch.penWidth);
        return engine.pen.call('perceive', [model.key, strokes, options], signal);
      })
      .finally(() => {
        if (asked === this.#asked) this.isBehind = false;
      });
    this.#recalled = undefined;
    if (!perception || this.#key !== model.key) return;
    clearTimeout(this.#rest);
    const method = evidenceMethod(model);
    if (perception.empty || method === 'none') {
      this.#forgetEvidence();
      return;
    }
    const rest = (): void => {
      void this.#rested.find(perception, (signal) => weighWell(perception, model, method, seed, signal));
    };
    if (isRecalled) {
      rest();
      return;
    }
    void this.#weighed.find(model.key, (signal) =>
      weigh(perception, model, method, { samples: QUICK_SAMPLES, seed }, signal),
    );
    this.#rest = setTimeout(rest, REST_MS);
  }

  /** Decodes other latents in place of the drawing's. */
  async show(latents: Float32Array, model: CurrentModel, kind: ProbeKind): Promise<void> {
    if (kind === 'hover') this.#hovered = latents;
    else this.#held = latents;
    await this.#decode(model);
  }

  /** A hover ends; what is held shows again. */
  async leave(model: CurrentModel): Promise<void> {
    if (!this.#hovered) return;
    this.#hovered = undefined;
    if (this.#held) await this.#decode(model);
    else this.release();
  }

  /** Back to the drawing's own code. */
  release(): void {
    this.#decoded.clear();
    this.#hovered = undefined;
    this.#held = undefined;
  }

  async #decode(model: CurrentModel): Promise<void> {
    const latents = this.probe;
    if (!latents) return;
    await this.#decoded.find(model.key, (signal) => engine.pen.call('decode', [model.key, latents], signal));
  }

  #forgetEvidence(): void {
    clearTimeout(this.#rest);
    this.#weighed.clear();
    this.#rested.clear();
  }
}

/** The best value there is, when the pen rests; with a more exact bound as well. */
async function weighWell(
  perception: Perception,
  model: CurrentModel,
  method: Estimator,
  seed: number,
  signal: AbortSignal,
): Promise<Weighed> {
  const worker = await engine.figures(model.key);
  const elboOptions = { seed, samples: RESTED_ELBO_SAMPLES };
  const bound = await worker.call('elbo', [model.key, perception.input, elboOptions], signal);
  const better = { ...perception, bound };
  return weigh(better, model, method, { samples: RESTED_SAMPLES, seed }, signal);
}

/**
 * log p(x) by the way that the page takes for this model, with two latents and the posterior; not in the worker that
 * answers the pen.
 */
async function weigh(
  perception: Perception,
  model: CurrentModel,
  method: Estimator,
  draws: { samples: number; seed: number },
  signal: AbortSignal,
): Promise<Weighed> {
  if (method !== 'quadrature') return estimate(perception, model, method, draws, signal);
  const worker = await engine.figures(model.key);
  try {
    const posterior = await worker.call('posterior', [model.key, perception.input], signal);
    const evidence = {
      value: posterior.logLikelihood,
      gap: posterior.logLikelihood - perception.bound.elbo,
      method,
      standardError: undefined,
      samples: undefined,
      tolerance: posterior.tolerance,
      settled: draws.samples === RESTED_SAMPLES,
    };
    return { perception, evidence, posterior };
  } catch (error) {
    // Too narrow or too ragged to be integrated: what is left is an estimate, and it is called one.
    if (!(error instanceof EngineError && error.code === 'non-finite')) throw error;
    return estimate(perception, model, 'importance', draws, signal);
  }
}

/** log p(x) without the posterior. */
async function estimate(
  perception: Perception,
  model: CurrentModel,
  method: Estimator,
  { samples, seed }: { samples: number; seed: number },
  signal: AbortSignal,
): Promise<Weighed> {
  const worker = await engine.figures(model.key);
  const options = { estimator: method, samples, seed };
  const { logLikelihood, standardError, tolerance } = await worker.call(
    'logLikelihood',
    [model.key, perception.input, options],
    signal,
  );
  const exact = tolerance !== undefined;
  const evidence = {
    value: logLikelihood,
    gap: logLikelihood - perception.bound.elbo,
    method,
    standardError: exact ? undefined : standardError,
    samples: exact ? undefined : samples,
    tolerance,
    settled: samples === RESTED_SAMPLES,
  };
  return { perception, evidence, posterior: undefined };
}

export const perception = new PerceptionState();
