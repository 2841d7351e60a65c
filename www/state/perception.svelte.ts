/** What the page's model makes of the drawing: code, reconstruction, bound, posterior, and the visitor's probes. */

import { engine } from '../engine/client';
import { LatestWins } from '../engine/latest';
import {
  EngineError,
  type Binarization,
  type Perception,
  type Estimator,
  type GridPosterior,
} from '../engine/protocol';
import type { Sketch } from './drawing.svelte';
import { evidenceMethod, models, type CurrentModel } from './model.svelte';
import { toStrokeData } from './strokes';
import { report } from './toasts.svelte';

/** Monte Carlo draws of the reconstruction term while the pen moves, and when it rests. */
const ELBO_SAMPLES = 16;
const RESTED_ELBO_SAMPLES = 400;
const QUICK_SAMPLES = 100;
const RESTED_SAMPLES = 5_000;
const REST_MS = 150;

/** log p(x) with how it was come by. */
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
  /** Nats, of what is exact: more than its error; none for what is drawn. */
  tolerance: number | undefined;
  /** Nothing better is on its way. */
  settled: boolean;
}

/** Why the reconstruction shows something else than the drawing's own code. */
export type ProbeKind = 'hover' | 'held';

class PerceptionState {
  binarization = $state<Binarization>('binary');
  evidence = $state.raw<Evidence>();
  posterior = $state.raw<GridPosterior>();

  #answer = $state.raw<{ key: string; perception: Perception }>();
  #hovered = $state.raw<Float32Array>();
  #held = $state.raw<Float32Array>();
  #decoded = $state.raw<{ latents: Float32Array; pixels: Float32Array }>();
  #key = '';
  #rest: ReturnType<typeof setTimeout> | undefined;
  readonly #penLane = new LatestWins();
  readonly #evidenceLane = new LatestWins();
  readonly #restLane = new LatestWins('abort');
  readonly #probeLane = new LatestWins();

  /** Of the present drawing, by the page's present model; undefined before that has answered. */
  get current(): Perception | undefined {
    const model = models.current;
    const answer = this.#answer;
    if (answer?.key !== model?.key || answer?.perception.mean.length !== model?.latents) return undefined;
    return answer?.perception;
  }

  /** The latents the visitor points at, over those of the drawing: a hover goes before what is held. */
  get probe(): Float32Array | undefined {
    const probe = this.#hovered ?? this.#held;
    return probe?.length === models.current?.latents ? probe : undefined;
  }

  get probeKind(): ProbeKind | undefined {
    if (!this.probe) return undefined;
    return this.#hovered ? 'hover' : 'held';
  }

  /** The picture to show as the reconstruction: the probe's, else the drawing's; nothing for an empty drawing. */
  get reconstruction(): Float32Array | undefined {
    if (this.probe) return this.#decoded?.pixels;
    return this.current && !this.current.empty ? this.current.reconstruction : undefined;
  }

  /** Looks at a drawing anew. While the worker is busy only the newest drawing waits. */
  async look(sketch: Sketch, model: CurrentModel, seed: number): Promise<void> {
    clearTimeout(this.#rest);
    this.#restLane.clear();
    this.#held = undefined;
    if (this.#key !== model.key) {
      this.#key = model.key;
      this.release();
      this.#answer = undefined;
      this.#forgetEvidence();
    }
    const options = { binarization: this.binarization, samples: ELBO_SAMPLES, seed };
    await this.#penLane
      .submit(async (signal) => {
        // Packed here, where only the newest drawing arrives: a pen has many more events than there are answers.
        const strokes = toStrokeData(sketch.strokes, sketch.penWidth);
        const perception = await engine.pen.call('perceive', [model.key, strokes, options], signal);
        if (this.#key !== model.key) return;
        this.#answer = { key: model.key, perception };
        clearTimeout(this.#rest);
        // What is shown is of the drawing before, for a moment.
        if (this.evidence) this.evidence = { ...this.evidence, settled: false };
        if (perception.empty || evidenceMethod(model) === 'none') {
          this.#forgetEvidence();
          return;
        }
        void this.#evidenceLane
          .submit((evidenceSignal) => this.#weigh(perception, model, seed, evidenceSignal))
          .catch(report);
        this.#rest = setTimeout(() => {
          void this.#restLane
            .submit((restSignal) => this.#weighWell(perception, model, seed, restSignal))
            .catch(report);
        }, REST_MS);
      })
      .catch(report);
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
    this.#probeLane.clear();
    this.#hovered = undefined;
    this.#held = undefined;
    this.#decoded = undefined;
  }

  async #decode(model: CurrentModel): Promise<void> {
    const latents = this.probe;
    if (!latents) return;
    await this.#probeLane
      .submit(async (signal) => {
        const pixels = await engine.pen.call('decode', [model.key, latents], signal);
        if (this.probe) this.#decoded = { latents, pixels };
      })
      .catch(report);
  }

  /** log p(x) and the posterior, as well as can be had while the pen moves; not in the worker that answers it. */
  async #weigh(
    perception: Perception,
    model: CurrentModel,
    seed: number,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#evaluate(perception, model, QUICK_SAMPLES, seed, signal);
  }

  /** The same as well as it can be had at all, when the pen rests. */
  async #weighWell(
    perception: Perception,
    model: CurrentModel,
    seed: number,
    signal: AbortSignal,
  ): Promise<void> {
    const worker = await engine.figures(model.key);
    const { input } = perception;
    const elboOptions = { seed, samples: RESTED_ELBO_SAMPLES };
    const bound = await worker.call('elbo', [model.key, input, elboOptions], signal);
    const better = { ...perception, bound };
    await this.#evaluate(better, model, RESTED_SAMPLES, seed, signal);
    this.#answer = { key: model.key, perception: better };
  }

  /** log p(x) by the way that the page takes for this model; with two latents the posterior as well. */
  async #evaluate(
    perception: Perception,
    model: CurrentModel,
    samples: number,
    seed: number,
    signal: AbortSignal,
  ): Promise<void> {
    const method = evidenceMethod(model);
    if (method === 'none') return;
    if (method !== 'quadrature') {
      await this.#estimate(perception, model, method, samples, seed, signal);
      return;
    }
    const worker = await engine.figures(model.key);
    try {
      const posterior = await worker.call('posterior', [model.key, perception.input], signal);
      this.posterior = posterior;
      this.evidence = {
        value: posterior.logLikelihood,
        gap: posterior.logLikelihood - perception.bound.elbo,
        method,
        standardError: undefined,
        samples: undefined,
        tolerance: posterior.tolerance,
        settled: samples === RESTED_SAMPLES,
      };
    } catch (error) {
      // Too narrow or too ragged to be integrated: what is left is an estimate, and it is called one.
      if (!(error instanceof EngineError && error.code === 'non-finite')) throw error;
      await this.#estimate(perception, model, 'importance', samples, seed, signal);
    }
  }

  /** log p(x) without the posterior. */
  async #estimate(
    { input, bound }: Perception,
    model: CurrentModel,
    estimator: Estimator,
    samples: number,
    seed: number,
    signal: AbortSignal,
  ): Promise<void> {
    const worker = await engine.figures(model.key);
    const options = { estimator, samples, seed };
    const estimate = await worker.call('logLikelihood', [model.key, input, options], signal);
    const exact = estimate.tolerance !== undefined;
    this.posterior = undefined;
    this.evidence = {
      value: estimate.logLikelihood,
      gap: estimate.logLikelihood - bound.elbo,
      method: estimator,
      standardError: exact ? undefined : estimate.standardError,
      samples: exact ? undefined : samples,
      tolerance: estimate.tolerance,
      settled: samples === RESTED_SAMPLES,
    };
  }

  #forgetEvidence(): void {
    clearTimeout(this.#rest);
    this.#evidenceLane.clear();
    this.evidence = undefined;
    this.posterior = undefined;
  }
}

export const perception = new PerceptionState();
