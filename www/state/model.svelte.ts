/** The catalogue of shipped models and the one the page uses now. */

import { engine } from '../engine/client';
import { deferred, type Deferred } from '../engine/deferred';
import { isAbort, LatestWins } from '../engine/latest';
import type { Estimator, ModelInfo, PriorKind } from '../engine/protocol';
import { wordsOf } from '../engine/wordsOf';
import { inWords, type CatalogueEntry } from './catalogue';
import { extentOf, SMALLEST_EXTENT } from './extent';
import { takeFirstModel } from './firstModel';
import { fetchBytes } from './modelFiles';
import { readCodes, type Codes } from './safetensors';

/** The model behind every figure. `key` names it in the workers. */
export interface CurrentModel extends ModelInfo {
  key: string;
  label: string;
  /** Its line of the catalogue; a model trained or dropped in has none. */
  entry: CatalogueEntry | undefined;
  codes: Codes | undefined;
  /** The class it takes each image for, and the model that was told so. */
  given?: { label: number; to: CurrentModel };
  /** Half the side of the square of latents that maps show. */
  extent: number;
}

/** The estimator of log p(x) that the page uses, if there is one: the best, or the one that gives the posterior as well. */
export function evidenceMethod(model: Pick<ModelInfo, 'capabilities' | 'estimators'>): 'none' | Estimator {
  // Without a class, log p(x) sums over ten posteriors, and a grid shows one.
  const ways = model.capabilities.conditional
    ? model.estimators.filter((way) => way !== 'quadrature')
    : model.estimators;
  if (ways.includes('quadrature')) return 'quadrature';
  return ways[0] ?? 'none';
}

/** Half the range of values in which to show a latent by itself: only a unit normal keeps all of them near 0. */
export function latentExtent(model: CurrentModel): number {
  return model.prior === 'unit-normal' ? SMALLEST_EXTENT : model.extent;
}

export const FIRST_MODEL = 'mnist-2d';

/** What a number of a code is measured in: only a unit normal has a standard deviation to measure by. */
export function codeUnit(prior: PriorKind | undefined): string {
  return prior === 'unit-normal' ? 'sd' : '';
}

const LARGEST_EXTENT = 6;

class Models {
  catalogue = $state.raw<readonly CatalogueEntry[]>([]);
  /** Why there is no catalogue, in words for the visitor. */
  catalogueProblem = $state<string>();
  current = $state.raw<CurrentModel>();
  /** The page was opened with figures of this model, and the model itself is on its way. */
  isRecalled = $state(false);
  #arrived: Deferred<undefined> | undefined;
  loadingId = $state<string>();
  /** The class that a model is told where it can be. */
  #assumed: number | undefined;
  readonly #lane = new LatestWins('abort');
  readonly #classLane = new LatestWins('abort');

  /** Shows a model before it has come: what is asked of it waits. */
  recall(catalogue: readonly CatalogueEntry[], model: CurrentModel): void {
    this.catalogue = catalogue;
    this.current = model;
    this.isRecalled = true;
    this.#arrived = deferred();
    engine.pen.expect(this.#arrived.promise);
  }

  /** Reads the catalogue, then loads the model named, or the first. */
  async start(id: string = FIRST_MODEL): Promise<void> {
    try {
      const { models } = JSON.parse(new TextDecoder().decode(await fetchBytes('index.json'))) as {
        models: CatalogueEntry[];
      };
      this.catalogue = models.map(inWords);
    } catch (error) {
      this.#lose();
      this.catalogueProblem = `The shipped models could not be read (${wordsOf(error)}). Train one of your own below.`;
      return;
    }
    const known = this.catalogue.some((entry) => entry.id === id);
    const first = known
      ? id
      : (this.catalogue.find((entry) => entry.id === FIRST_MODEL) ?? this.catalogue[0])?.id;
    if (first) await this.choose(first);
  }

  /** Makes a shipped model the page's. */
  async choose(id: string): Promise<void> {
    const entry = this.catalogue.find((candidate) => candidate.id === id);
    if (!entry) throw new Error(`The catalogue has no model "${id}".`);
    if (!this.isRecalled || this.current?.key !== id) this.loadingId = id;
    try {
      this.current = await this.#lane.submit(async (signal) => {
        const codesRequest = fetchBytes(entry.codes, signal).then(readCodes);
        codesRequest.catch(() => undefined);
        const info =
          (await takeFirstModel(id)) ??
          (await engine.pen.loadModel(id, await fetchBytes(entry.file, signal), signal));
        const codes = await codesRequest;
        const extent = mapExtent(codes, info.prior);
        this.#arrived?.resolve(undefined);
        return this.#given({ ...info, key: entry.id, label: entry.label, entry, codes, extent }, signal);
      });
      this.isRecalled = false;
    } catch (error) {
      this.#lose();
      if (!isAbort(error)) throw error;
    } finally {
      if (this.loadingId === id) this.loadingId = undefined;
    }
  }

  /** A model that the page had before: the workers still know it by its key. */
  async bringBack(model: CurrentModel): Promise<void> {
    this.loadingId = undefined;
    try {
      this.current = await this.#lane.submit(() => Promise.resolve(model));
    } catch (error) {
      if (!isAbort(error)) throw error;
    }
  }

  /** A model that was shown before it came will not come. */
  #lose(): void {
    if (!this.isRecalled) return;
    this.isRecalled = false;
    this.current = undefined;
    this.#arrived?.resolve(undefined);
  }

  /** The shipped model with most room for a drawing: as many latents as any, without being told a class. */
  get roomier(): CatalogueEntry | undefined {
    return this.catalogue
      .filter(({ pixels, nll }) => pixels === 'black or white' && nll !== undefined)
      .reduce<CatalogueEntry | undefined>(
        (most, entry) => (most && most.latents >= entry.latents ? most : entry),
        undefined,
      );
  }

  /** The bytes of a shipped model. */
  async weights(id: string): Promise<Uint8Array> {
    const entry = this.catalogue.find((candidate) => candidate.id === id);
    if (!entry) throw new Error(`The catalogue has no model "${id}".`);
    return fetchBytes(entry.file);
  }

  /** Makes the page use a model from elsewhere: just trained, or a checkpoint dropped in. */
  async adopt(key: string, label: string, bytes: Uint8Array, codes?: Codes): Promise<void> {
    this.#lose();
    this.current = await this.#lane.submit(async (signal) => {
      const info = await engine.pen.loadModel(key, bytes, signal);
      const extent = mapExtent(codes, info.prior);
      return this.#given({ ...info, key, label, entry: undefined, codes, extent }, signal);
    });
  }

  /** Tells the model, and those that come after it, the class of every image; undefined takes it back. */
  async assume(label: number | undefined): Promise<void> {
    if (label === this.#assumed) return;
    this.#assumed = label;
    const { current } = this;
    // A model that is on its way will be told when it comes.
    if (!current) return;
    try {
      const told = await this.#classLane.submit((signal) =>
        this.#given(current.given?.to ?? current, signal),
      );
      if (this.current === current) this.current = told;
    } catch (error) {
      if (!isAbort(error)) throw error;
    }
  }

  /** The model as it is when told the class that is assumed. */
  async #given(model: CurrentModel, signal: AbortSignal): Promise<CurrentModel> {
    const label = this.#assumed;
    if (label === undefined || !model.capabilities.conditional) return model;
    const bytes = await engine.pen.call('saveModelOfClass', [model.key, label], signal);
    const key = `${model.key}, class ${String(label)}`;
    const info = await engine.pen.loadModel(key, bytes, signal);
    return { ...model, ...info, key, given: { label, to: model } };
  }
}

/** What the maps of the codes show; without codes, most of the prior. */
export function mapExtent(codes: Codes | undefined, prior: PriorKind): number {
  // Only a unit normal keeps codes near 0.
  return extentOf(codes?.mean ?? new Float32Array(), prior === 'unit-normal' ? LARGEST_EXTENT : Infinity);
}

export const models = new Models();
