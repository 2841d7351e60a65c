/** The shipped models in the worker for studies, each fetched once, when a part asks for it. */

import { engine } from '../engine/client';
import type { EngineApi, ModelInfo } from '../engine/protocol';
import type { CatalogueEntry } from './catalogue';
import { models } from './model.svelte';

/** A shipped model, and what it can be asked in the worker that has it. */
export interface Shelved {
  entry: CatalogueEntry;
  key: string;
  info: ModelInfo;
}

class Shelf {
  readonly #models = new Map<string, Promise<Shelved>>();
  /** Those that have come. */
  #here = $state.raw<ReadonlySet<string>>(new Set());

  has(id: string): boolean {
    return this.#here.has(id);
  }

  take(id: string): Promise<Shelved> {
    const known = this.#models.get(id);
    if (known) return known;
    const coming = this.#fetch(id);
    this.#models.set(id, coming);
    // What could not be fetched is asked for again next time.
    coming.catch(() => this.#models.delete(id));
    return coming;
  }

  async #fetch(id: string): Promise<Shelved> {
    const entry = models.catalogue.find((candidate) => candidate.id === id);
    if (!entry) throw new Error(`The catalogue has no model "${id}".`);
    const key = `shipped ${id}`;
    const { info } = await engine.studyOf(key, await models.weights(id));
    this.#here = new Set([...this.#here, id]);
    return { entry, key, info };
  }
}

export const shelf = new Shelf();

/** A call to the worker that has these models; the call itself is never given up, what comes after it is. */
export async function ask<M extends keyof EngineApi>(
  signal: AbortSignal,
  method: M,
  ...parameters: Parameters<EngineApi[M]>
): Promise<ReturnType<EngineApi[M]>> {
  signal.throwIfAborted();
  const answer = await engine.studies.call(method, parameters);
  signal.throwIfAborted();
  return answer;
}
