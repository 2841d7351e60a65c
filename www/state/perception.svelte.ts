/** What the page's model makes of the drawing: code, reconstruction, bound, posterior, and the visitor's probes. */

import { engine } from '../engine/client';
import { LatestWins } from '../engine/latest';
import type { Binarization, Perception, Posterior, RefinedPosterior } from '../engine/protocol';
import type { Sketch } from './drawing.svelte';
import type { CurrentModel } from './model.svelte';
import { toStrokeData } from './strokes';
import { report } from './toasts.svelte';

/** Monte Carlo draws of the reconstruction term while the pen moves. */
const ELBO_SAMPLES = 64;
const GRID_RESOLUTION = 96;
/** The grid reaches beyond the map: what lies outside would be missing from log p(x). */
const GRID_MARGIN = 1;
const QUICK_SAMPLES = 100;
const RESTED_SAMPLES = 5_000;
const REST_MS = 350;

/** log p(x) with how it was come by. */
export interface Evidence {
  /** Nats. */
  value: number;
  method: 'quadrature' | 'importance';
  /** Of the importance estimate, nats; none for quadrature. */
  standardError: number | undefined;
  /** Importance samples, or grid points a side. */
  effort: number;
  /** Difference of the last two grids, nats, once refined. */
  tolerance: number | undefined;
  /** Nothing better is on its way. */
  settled: boolean;
}

/** Why the reconstruction shows something else than the drawing's own code. */
export type ProbeKind = 'hover' | 'held';

class PerceptionState {
  binarization = $state<Binarization>('binary');
  /** Of the present drawing; undefined before the first model has answered. */
  current = $state.raw<Perception>();
  evidence = $state.raw<Evidence>();
  posterior = $state.raw<Posterior | RefinedPosterior>();

  #hovered = $state.raw<Float32Array>();
  #held = $state.raw<Float32Array>();
  #decoded = $state.raw<{ latents: Float32Array; pixels: Float32Array }>();
  #key = '';
  #rest: ReturnType<typeof setTimeout> | undefined;
  readonly #penLane = new LatestWins();
  readonly #restLane = new LatestWins('abort');
  readonly #probeLane = new LatestWins();

  /** The latents the visitor points at, over those of the drawing: a hover goes before what is held. */
  get probe(): Float32Array | undefined {
    return this.#hovered ?? this.#held;
  }

  get probeKind(): ProbeKind | undefined {
    return this.#hovered ? 'hover' : this.#held ? 'held' : undefined;
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
      this.current = undefined;
      this.#forgetEvidence();
    }
    const strokes = toStrokeData(sketch.strokes, sketch.penWidth);
    const options = { binarization: this.binarization, samples: ELBO_SAMPLES, seed };
    await this.#penLane
      .submit(async (signal) => {
        const perception = await engine.pen.call('perceive', [model.key, strokes, options], signal);
        if (this.#key !== model.key) return;
        this.current = perception;
        if (perception.empty) this.#forgetEvidence();
        else await this.#weigh(perception, model, seed, signal);
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

  /** log p(x) and the posterior: what can be had at once, then better when the pen rests. */
  async #weigh(
    perception: Perception,
    model: CurrentModel,
    seed: number,
    signal: AbortSignal,
  ): Promise<void> {
    const pixels = perception.input;
    if (model.latents === 2) {
      const grid: [number, number] = [GRID_RESOLUTION, model.extent + GRID_MARGIN];
      this.#takePosterior(
        await engine.pen.call('posterior', [model.key, pixels, ...grid], signal),
        undefined,
      );
      this.#whenRested(async (restSignal) => {
        const refined = await engine.pen.call('refinePosterior', [model.key, pixels, ...grid], restSignal);
        this.#takePosterior(refined, refined.tolerance);
      });
    } else {
      this.posterior = undefined;
      await this.#importance(model, pixels, QUICK_SAMPLES, seed, signal);
      this.#whenRested((restSignal) => this.#importance(model, pixels, RESTED_SAMPLES, seed, restSignal));
    }
  }

  #takePosterior(posterior: Posterior | RefinedPosterior, tolerance: number | undefined): void {
    this.posterior = posterior;
    this.evidence = {
      value: posterior.logLikelihood,
      method: 'quadrature',
      standardError: undefined,
      effort: posterior.resolution,
      tolerance,
      settled: tolerance !== undefined,
    };
  }

  async #importance(
    model: CurrentModel,
    pixels: Float32Array,
    samples: number,
    seed: number,
    signal: AbortSignal,
  ): Promise<void> {
    const estimate = await engine.pen.call(
      'logLikelihood',
      [model.key, pixels, { estimator: 'importance', samples, seed }],
      signal,
    );
    this.evidence = {
      value: estimate.logLikelihood,
      method: 'importance',
      standardError: estimate.standardError,
      effort: samples,
      tolerance: undefined,
      settled: samples === RESTED_SAMPLES,
    };
  }

  #whenRested(run: (signal: AbortSignal) => Promise<void>): void {
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => {
      void this.#restLane.submit(run).catch(report);
    }, REST_MS);
  }

  #forgetEvidence(): void {
    clearTimeout(this.#rest);
    this.evidence = undefined;
    this.posterior = undefined;
  }
}

export const perception = new PerceptionState();
