/** Files that the visitor drops: whether they can be used is found out at once, before anything is kept. */

import { pathOf } from '../../../components/folders';
import { counted } from '../../../components/format';
import type { FileInspection } from '../../../engine/protocol';
import type { Call } from '../run/observer.svelte';
import { isPicture, picturesAsIdx } from './pictures';

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
  /** Ink and paper are to be exchanged; not noted by earlier versions of the page. */
  inverted?: boolean;
}

/** Reads the files and finds out what they are; throws the reason if they cannot be used. */
export async function inspectFiles(chosen: readonly File[], call: Call): Promise<Dropped> {
  const files = usable(chosen);
  const tooLarge = files.find(({ size }) => size > MOST_BYTES);
  if (tooLarge) {
    throw new Error(
      `“${tooLarge.name}” has ${String(Math.ceil(tooLarge.size / 2 ** 20))} MiB; at most 256 MiB can be used.`,
    );
  }
  const pictures = files.filter(isPicture);
  const converted = pictures.length > 0 ? await picturesAsIdx(pictures, call) : [];
  const others = files.filter((file) => !isPicture(file));
  const contents = await Promise.all(others.map(async (file) => new Uint8Array(await file.arrayBuffer())));
  const found = await call('inspectFiles', [
    [...others.map(({ name }) => name), ...converted.map(({ name }) => name)],
    [...contents, ...converted.map(({ bytes }) => bytes)],
  ]);
  const parts: Dropped['parts'] = {};
  for (const part of PARTS) {
    const bytes = found[part];
    if (bytes) parts[part] = new Blob([bytes as Uint8Array<ArrayBuffer>]);
  }
  return { parts, about: describe(found), unusableLabels: found.unusableLabels };
}

const DATA_FILE = /\bidx[123]\b|ubyte|\.np[yz]$/i;

/**
 * All loose files; of those in folders what looks like data, and pictures where nothing else does. Programs leave notes of
 * their own in folders, and people read-me files.
 */
export function usable(files: readonly File[]): readonly File[] {
  const isLoose = (file: File): boolean => pathOf(file) === file.name;
  const inFolders = files.filter((file) => !isLoose(file) && !file.name.startsWith('.'));
  const data = inFolders.filter(({ name }) => DATA_FILE.test(name));
  const found = [
    ...files.filter(isLoose),
    ...(data.length > 0 ? data : inFolders.filter((file) => isPicture(file))),
  ];
  if (found.length === 0 && files.length > 0) {
    throw new Error('There are no images in this folder: no IDX files, no NumPy arrays and no pictures.');
  }
  return found;
}

function describe(found: FileInspection): AboutFiles {
  return {
    count: found.count,
    testCount: found.testCount,
    labelled: found.labels !== undefined,
    set: found.set,
    first: Array.from(found.first, (value) => Math.round(255 * value)),
    transposed: found.transposed,
    inverted: found.inverted,
  };
}

/** In words: “MNIST, 60,000 images with labels, 10,000 to test”. */
export function inWords({ set, count, testCount, labelled }: AboutFiles): string {
  const images = count === 1 ? `${counted(count)} image` : `${counted(count)} images`;
  return [
    ...(set === undefined ? [] : [set]),
    labelled ? `${images} with labels` : images,
    ...(testCount > 0 ? [`${counted(testCount)} to test`] : []),
  ].join(', ');
}

/** The first images as they will be trained on, n×784 in [0, 1]. */
export function firstImages({ first, transposed, inverted = false }: AboutFiles): Float32Array {
  const side = 28;
  return Float32Array.from(first, (_, place) => {
    const pixel = place % (side * side);
    const from = transposed ? place - pixel + (pixel % side) * side + Math.floor(pixel / side) : place;
    const grey = first[from] ?? 0;
    return (inverted ? 255 - grey : grey) / 255;
  });
}
