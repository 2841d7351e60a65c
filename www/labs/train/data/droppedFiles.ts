/** Files that the visitor drops: whether they can be used is found out at once, before anything is kept. */

import { counted } from '../../../components/format';
import type { IdxInspection } from '../../../engine/protocol';
import type { Call } from '../run/observer.svelte';

/** What the engine unpacks at most, in bytes; a larger file need not be read. */
const MOST_BYTES = 256 * 2 ** 20;

/** The parts of a data set; labels and a test set are optional. */
export const PARTS = ['images', 'labels', 'testImages', 'testLabels'] as const;
export type Part = (typeof PARTS)[number];

/** Files that can be used. */
export interface Dropped {
  parts: Partial<Record<Part, Blob>>;
  about: AboutFiles;
  /** Why labels among them cannot be used; the images can. */
  unusableLabels: string | undefined;
}

/** What is remembered of the files beside their bytes. */
export interface AboutFiles {
  count: number;
  testCount: number;
  labelled: boolean;
  /** Told by checksums. */
  set: string | undefined;
  /** The first images as they are stored, n×784 grey values 0-255. */
  first: number[];
  /** Rows and columns are to be exchanged. */
  transposed: boolean;
}

/** Reads the files and finds out what they are; throws the reason if they cannot be used. */
export async function inspectFiles(files: readonly File[], call: Call): Promise<Dropped> {
  const tooLarge = files.find(({ size }) => size > MOST_BYTES);
  if (tooLarge) {
    throw new Error(
      `“${tooLarge.name}” has ${String(Math.ceil(tooLarge.size / 2 ** 20))} MiB; at most 256 MiB can be used.`,
    );
  }
  const contents = await Promise.all(files.map(async (file) => new Uint8Array(await file.arrayBuffer())));
  const names = files.map(({ name }) => name);
  const found = await call('inspectIdx', [names, contents]);
  const parts: Dropped['parts'] = {};
  for (const part of PARTS) {
    const place = found[part];
    const bytes = place === undefined ? undefined : contents[place];
    if (bytes) parts[part] = new Blob([bytes]);
  }
  // Every file of EMNIST is stored with rows and columns exchanged.
  const transposed = /emnist/i.test(names[found.images] ?? '');
  return { parts, about: describe(found, transposed), unusableLabels: found.unusableLabels };
}

function describe(found: IdxInspection, transposed: boolean): AboutFiles {
  return {
    count: found.count,
    testCount: found.testCount,
    labelled: found.labels !== undefined,
    set: found.set,
    first: Array.from(found.first, (value) => Math.round(255 * value)),
    transposed,
  };
}

/** In words: “MNIST, 60,000 images with labels, 10,000 to test”. */
export function inWords({ set, count, testCount, labelled }: AboutFiles): string {
  const images = `${counted(count)} ${count === 1 ? 'image' : 'images'}`;
  return [
    ...(set === undefined ? [] : [set]),
    labelled ? `${images} with labels` : images,
    ...(testCount > 0 ? [`${counted(testCount)} to test`] : []),
  ].join(', ');
}

/** The first images as they will be trained on, n×784 in [0, 1]. */
export function firstImages({ first, transposed }: AboutFiles): Float32Array {
  const side = 28;
  return Float32Array.from(first, (_, place) => {
    const pixel = place % (side * side);
    const from = transposed ? place - pixel + (pixel % side) * side + Math.floor(pixel / side) : place;
    return (first[from] ?? 0) / 255;
  });
}
