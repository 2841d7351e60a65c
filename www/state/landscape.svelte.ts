/** Where digits lie in the current model's latent space: codes of digits, and a plane to see them on. */

import { engine } from '../engine/client';
import { extentOf } from './extent';
import { Figure } from './figure.svelte';
import { models, type CurrentModel } from './model.svelte';
import { Plane } from './plane';
import type { Codes } from './safetensors';

export interface Landscape {
  model: CurrentModel;
  codes: Codes;
  /** Where the codes come from. */
  source: 'test digits' | 'stroke digits';
  /** Codes on the plane; the codes themselves for two latents. */
  flat: Codes;
  /** None for two latents, which are their own plane. */
  plane: Plane | undefined;
  /** Shares of the codes' variance along the plane's two directions. */
  explained: readonly [number, number];
  /** Half the side of the square that holds almost all of `flat`. */
  extent: number;
}

/** A model that brings no codes of test digits is shown built-in ones. */
const STROKE_DIGITS = 1_000;
const STROKE_SEED = 1;
const NAME = 'landscape';

class LandscapeState {
  readonly #figure = new Figure<Landscape>();

  /** Of the page's model. */
  get current(): Landscape | undefined {
    return this.#figure.of(models.current);
  }

  /** Finds it for a model, unless it is known. */
  async find(model: CurrentModel): Promise<void> {
    if (!this.#figure.of(model)) await this.#figure.find(model, () => explore(model));
  }
}

async function explore(model: CurrentModel): Promise<Landscape> {
  const worker = await engine.figures(model.key);
  const codes = model.codes ?? (await encodeStrokeDigits(model));
  const source = model.codes ? 'test digits' : 'stroke digits';
  if (model.latents === 2) {
    return { model, codes, source, flat: codes, plane: undefined, explained: [1, 0], extent: model.extent };
  }
  const explained = await worker.call('fitProjection', [NAME, codes.mean, model.latents]);
  const plane = new Plane(await worker.call('lift', [NAME, Float32Array.of(0, 0, 1, 0, 0, 1)]));
  const flat = { mean: plane.project(codes.mean), label: codes.label, latents: 2, count: codes.count };
  return {
    model,
    codes,
    source,
    flat,
    plane,
    explained: [explained[0] ?? 0, explained[1] ?? 0],
    extent: extentOf(flat.mean),
  };
}

async function encodeStrokeDigits(model: CurrentModel): Promise<Codes> {
  const worker = await engine.figures(model.key);
  await worker.call('strokesDataset', [NAME, STROKE_DIGITS, STROKE_SEED]);
  const { mean } = await worker.call('encodeDataset', [model.key, NAME, STROKE_DIGITS]);
  const label = await worker.call('datasetLabels', [NAME, 0, STROKE_DIGITS]);
  await worker.call('releaseDataset', [NAME]);
  return {
    mean,
    label: label ?? new Uint8Array(STROKE_DIGITS),
    latents: model.latents,
    count: STROKE_DIGITS,
  };
}

export const landscape = new LandscapeState();
