/** What the model being trained makes of the same things, again and again: the prior, held-out digits, a drawing. */

import type { WorkerClient } from '../../../engine/client';
import type { Binarization, Code, Perception, StrokeData } from '../../../engine/protocol';
import { manifoldLatents, type Manifold } from '../../../state/lattice';
import { applyTurn, calmExtent, nearestTurn, rowsByClass } from './calmPlane';
import type { Codes } from '../../../state/safetensors';
import type { LoadedData } from './runTypes';
import type { Present } from './runRecord.svelte';

export type Call = WorkerClient['call'];

export interface Glimpse {
  step: number;
  /** Decoded from the same draws of z every time, n×784; none where there is no prior to draw from. */
  samples: Float32Array | undefined;
  /** Whether these are pixels drawn, ink or paper, and not their probabilities: what an untrained model draws is noise. */
  drawsPixels: boolean;
  /** Codes of held-out digits as points of a plane. */
  codes: Codes;
  /** The codes themselves, and how many latents they have. */
  means: Float32Array;
  latents: number;
  labels: Uint8Array | undefined;
  extent: number;
  /** Two latents: the decoded plane. */
  manifold: Manifold | undefined;
  drawing:
    | {
        perception: Perception;
        point: [number, number];
        /** log p(x), nats, of a model that knows it exactly. */
        logLikelihood: number | undefined;
      }
    | undefined;
  /** What a model that tells classes reads. */
  reading: Reading | undefined;
}

export interface Reading {
  /** Held-out digits whose likeliest class is not theirs, of how many with a label. */
  errors: number;
  labelled: number;
  /** q(y|x) of the drawing, 10. */
  ofDrawing: Float32Array | undefined;
}

/** A picture kept of the drawing's reconstruction. */
export interface StripFrame {
  step: number;
  /** 784 bytes, ink = 255. */
  pixels: Uint8Array;
  /** Of the drawing, nats. */
  elbo: number;
}

export const SAMPLES = 64;
export const CODES = 400;
const MANIFOLD_COLUMNS = 12;
export const ELBO_SAMPLES = 16;
const FIRST_EXTENT = 3;
const MODEL_KEY = 'observed';
/** A label that is not known. */
const UNKNOWN = 255;
const CLASSES = 10;
const MOST_POINTS = 400;

export class Observer {
  glimpse = $state.raw<Glimpse>();
  strip = $state.raw<readonly StripFrame[]>([]);
  /** The share of held-out digits read wrongly, at every look of this run. */
  errors = $state.raw<readonly { step: number; share: number }[]>([]);
  /** The drawing that is followed; none without ink. */
  subject: StrokeData | undefined;
  /** Seeds the draws of z and of the drawing's ELBO. */
  seed = 7;
  /** Half the side of the next map. */
  #extent = FIRST_EXTENT;

  /** Starts over: another model. */
  forget(): void {
    this.glimpse = undefined;
    this.#extent = FIRST_EXTENT;
    this.strip = [];
    this.errors = [];
  }

  /** The strip's past belongs to the drawing before, if this is another one. */
  follow(subject: StrokeData | undefined): void {
    if (subject && this.subject && sameStrokes(subject, this.subject)) return;
    this.subject = subject;
    this.strip = [];
  }

  /** Forgets what was kept after a step. */
  truncate(step: number): void {
    this.strip = this.strip.filter((frame) => frame.step <= step);
    this.errors = this.errors.filter((point) => point.step <= step);
  }

  /** Looks at the trainer's model as it is when the calls made here arrive: between two of its steps. */
  async look(
    call: Call,
    data: LoadedData,
    { trainer, step, latents, hasPrior, knowsExactly, classifies, binaryPixels }: Omit<Present, 'data'>,
  ): Promise<void> {
    const { subject } = this;
    const count = Math.min(CODES, data.heldOutSize);
    const extent = this.#extent;
    const plane = latents === 2 ? manifoldLatents(MANIFOLD_COLUMNS, extent) : undefined;
    const binarization: Binarization = binaryPixels ? 'binary' : 'grey';
    const options = { binarization, samples: ELBO_SAMPLES, seed: this.seed };
    // All at once, for the worker answers in order and takes no step in between.
    const [, samples, code, manifold, perception, classes] = await Promise.all([
      call('snapshotModel', [trainer, MODEL_KEY]),
      // The same draws every time, for as long as the prior is the same.
      hasPrior ? call('sample', [MODEL_KEY, SAMPLES, { seed: this.seed }]) : undefined,
      call('encodeDataset', [MODEL_KEY, data.heldOutKey, count]),
      plane ? call('decode', [MODEL_KEY, plane]) : undefined,
      subject ? call('perceive', [MODEL_KEY, subject, options]) : undefined,
      classifies ? call('classifyDataset', [MODEL_KEY, data.heldOutKey, count]) : undefined,
    ]);
    const seen = subject === this.subject && perception && !perception.empty ? perception : undefined;
    const labels = data.labels?.subarray(0, count);
    const drawsPixels = step === 0 && binaryPixels;
    const exact =
      knowsExactly && seen
        ? await call('logLikelihood', [MODEL_KEY, seen.input, { estimator: 'exact' }])
        : undefined;
    const ofDrawing = classes && seen ? await call('classify', [MODEL_KEY, seen.input]) : undefined;
    const { points, drawingPoint } = await this.#flatten(call, code, seen, latents, labels);
    if (this.glimpse && this.glimpse.step > step) return;
    this.#extent = calmExtent(points, extent);
    this.glimpse = {
      step,
      samples: drawsPixels ? samples?.pixels : samples?.probabilities,
      drawsPixels,
      codes: { mean: points, label: labels ?? new Uint8Array(count).fill(UNKNOWN), latents: 2, count },
      means: code.mean,
      latents,
      labels,
      // The plane was decoded for the extent before; the next one follows.
      extent: manifold ? extent : this.#extent,
      manifold: manifold && { pixels: manifold, columns: MANIFOLD_COLUMNS },
      drawing: seen && { perception: seen, point: drawingPoint, logLikelihood: exact?.logLikelihood },
      reading: classes && { ...misread(classes, labels), ofDrawing },
    };
    this.#addErrors();
  }

  /** Keeps the drawing's reconstruction as it was at the last look. */
  keep(): void {
    const { glimpse } = this;
    if (!glimpse?.drawing || this.strip.some((frame) => frame.step >= glimpse.step)) return;
    const { reconstruction, bound } = glimpse.drawing.perception;
    const pixels = Uint8Array.from(reconstruction, (value) => Math.round(255 * value));
    this.strip = [...this.strip, { step: glimpse.step, pixels, elbo: bound.elbo }];
  }

  #addErrors(): void {
    const { step = 0, reading } = this.glimpse ?? {};
    if (!reading || reading.labelled === 0) return;
    const before = this.errors.filter((point) => point.step < step);
    // A long run keeps every other point.
    const kept = before.length < MOST_POINTS ? before : before.filter((_, at) => at % 2 === 0);
    this.errors = [...kept, { step, share: reading.errors / reading.labelled }];
  }

  async #flatten(
    call: Call,
    code: Code,
    seen: Perception | undefined,
    latents: number,
    labels: Uint8Array | undefined,
  ): Promise<{ points: Float32Array; drawingPoint: [number, number] }> {
    const own = seen?.mean ?? new Float32Array(latents);
    const all = new Float32Array(code.mean.length + latents);
    all.set(code.mean);
    all.set(own, code.mean.length);
    let flat: Float32Array = all;
    if (latents === 1) {
      flat = rowsByClass(all, labels);
      flat[flat.length - 1] = -2.6;
    } else if (latents > 2) {
      await call('fitProjection', [MODEL_KEY, code.mean, latents]);
      flat = await call('project', [MODEL_KEY, all]);
      const before = this.glimpse?.latents === latents ? this.glimpse.codes.mean : undefined;
      if (before) flat = applyTurn(flat, nearestTurn(flat, before));
    }
    const [x = 0, y = 0] = flat.subarray(-2);
    return { points: flat.slice(0, -2), drawingPoint: [x, y] };
  }
}

/** How many of the labelled images have another class than the likeliest. */
export function misread(
  classes: Float32Array,
  labels: Uint8Array | undefined,
): { errors: number; labelled: number } {
  let [errors, labelled] = [0, 0];
  labels?.forEach((label, at) => {
    if (label >= CLASSES) return;
    const row = classes.subarray(at * CLASSES, (at + 1) * CLASSES);
    labelled += 1;
    if (row.indexOf(Math.max(...row)) !== label) errors += 1;
  });
  return { errors, labelled };
}

function sameStrokes(a: StrokeData, b: StrokeData): boolean {
  const same = (one: ArrayLike<number>, other: ArrayLike<number>): boolean =>
    one.length === other.length && Array.from(one).every((value, at) => value === other[at]);
  return a.penWidth === b.penWidth && same(a.strokeLengths, b.strokeLengths) && same(a.points, b.points);
}
