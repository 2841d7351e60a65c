/**
 * The picture that the page is opened with: the first drawing and what the first model makes of it, computed when the
 * page is built and kept in its HTML. It stands there while engine and weights are on their way, and the same figures
 * found live take its place.
 */

import type { ModelInfo, Perception } from '../engine/protocol';
import type { CatalogueEntry } from '../state/catalogue';
import type { Sketch } from '../state/drawing.svelte';
import { COLUMNS, type Manifold } from '../state/lattice';
import { unpack, type Packed } from '../state/packed';
import type { Evidence } from '../state/perception.svelte';
import type { Codes } from '../state/safetensors';
import { SMALL } from './smallTiles';

/** The element of the HTML that holds it. */
export const PICTURE_ID = 'first-picture';

/** As it is written into the HTML. */
export interface FirstPicture {
  /** What a page is opened with whose address says nothing else. */
  lab: string;
  model: string;
  seed: number;
  /** Half the side of the map's square. */
  extent: number;
  catalogue: readonly CatalogueEntry[];
  info: ModelInfo;
  sketch: Sketch;
  seen: Packed;
  input: Packed;
  reconstruction: Packed;
  mean: number[];
  logVar: number[];
  bound: Omit<Perception['bound'], 'klPerLatent'> & { klPerLatent: number[] };
  evidence: Evidence;
  posterior: { density: Packed; resolution: number; centre: [number, number]; halfWidth: number };
  posteriorWork: number;
  codes: { high: Packed; low: Packed; label: Packed };
  /** What the canvases are called in each language other than English, by their English names. */
  names?: Record<string, Record<string, string>>;
  /** The decoded plane in images of half the side. */
  manifold: Packed;
}

export function readFirstPicture(): FirstPicture | undefined {
  const text = document.getElementById(PICTURE_ID)?.textContent;
  return text ? (JSON.parse(text) as FirstPicture) : undefined;
}

/** Whether an address leads to the model and the drawing of the picture. */
export function isOf(picture: FirstPicture, hash: string): boolean {
  return [...new URLSearchParams(hash.slice(1))].every(
    ([name, value]) =>
      name === 'lab' ||
      (name === 'model' && value === picture.model) ||
      (name === 'seed' && value === String(picture.seed)),
  );
}

export function perceptionOf(picture: FirstPicture): Perception {
  const { mean, logVar, bound } = picture;
  return {
    empty: false,
    seen: unpack(picture.seen),
    input: unpack(picture.input),
    reconstruction: unpack(picture.reconstruction),
    mean: Float32Array.from(mean),
    logVar: Float32Array.from(logVar),
    bound: { ...bound, klPerLatent: Float32Array.from(bound.klPerLatent) },
  };
}

/** Two bytes a number: a place on the map must not move when the codes themselves have come. */
export function codesOf({ codes: { high, low, label } }: FirstPicture): Codes {
  const fine = unpack(low);
  const mean = unpack(high).map((value, at) => value + (fine[at] ?? 0));
  return { mean, label: Uint8Array.from(unpack(label), Math.round), latents: 2, count: mean.length / 2 };
}

export const manifoldOf = (picture: FirstPicture): Manifold => ({
  pixels: unpack(picture.manifold),
  columns: COLUMNS,
  tileSide: SMALL,
});
