/** The codes of test digits that are shipped beside a model, fetched once. */

import { models } from '../../state/model.svelte';
import { fetchBytes } from '../../state/modelFiles';
import { readCodes, type Codes } from '../../state/safetensors';

const known = new Map<string, Promise<Codes>>();

export function codesOf(id: string): Promise<Codes> {
  let codes = known.get(id);
  if (!codes) {
    codes = fetchCodes(id);
    known.set(id, codes);
    // What could not be fetched is asked for again next time.
    codes.catch(() => known.delete(id));
  }
  return codes;
}

async function fetchCodes(id: string): Promise<Codes> {
  const entry = models.catalogue.find((candidate) => candidate.id === id);
  if (!entry) throw new Error(`The catalogue has no model "${id}".`);
  return readCodes(await fetchBytes(entry.codes));
}

/** The code of one digit. */
export function codeAt({ mean, latents }: Codes, row: number): Float32Array {
  return mean.subarray(row * latents, (row + 1) * latents);
}

/** Mean and standard deviation of each latent over the codes. */
export function momentsOf({ mean: values, latents, count }: Codes): { mean: number[]; sd: number[] } {
  const mean: number[] = [];
  const sd: number[] = [];
  for (let axis = 0; axis < latents; axis += 1) {
    let sum = 0;
    for (let row = 0; row < count; row += 1) sum += values[row * latents + axis] ?? 0;
    const centre = sum / count;
    let squares = 0;
    for (let row = 0; row < count; row += 1) squares += ((values[row * latents + axis] ?? 0) - centre) ** 2;
    mean.push(centre);
    sd.push(Math.sqrt(squares / count));
  }
  return { mean, sd };
}

/** The rows whose codes lie nearest to one, the nearest first. */
export function nearestTo(code: Float32Array, codes: Codes, count: number): number[] {
  const squared = (row: number): number =>
    code.reduce((sum, value, axis) => sum + (value - (codes.mean[row * codes.latents + axis] ?? 0)) ** 2, 0);
  return Array.from({ length: codes.count }, (_, row) => ({ row, distance: squared(row) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, count)
    .map(({ row }) => row);
}
