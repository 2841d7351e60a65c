/** What can be trained on: built-in stroke digits, MNIST, the visitor's files, and drawings added to any of them. */

import * as Comlink from 'comlink';

import { storageReason, type BrowserStore } from '../run/database';
import { fingerprint } from './fingerprint';
import { gunzip, idxCount, idxKind, idxSlice, type IdxKind } from './idx';
import { fetchMnist, MNIST_FILES, type FileStore, type MnistName } from './mnist';
import type { Call } from '../run/observer.svelte';
import type { OwnDrawings } from './ownDrawings.svelte';
import type { DataSource, LoadedData } from '../run/runTypes';
import type { DataKind } from '../trainingSettings.svelte';

export interface DataPlan {
  kind: DataKind;
  /** Of the stroke digits. */
  images: number;
  seed: number;
  /** How often each of the visitor's drawings counts. */
  ownRepeats: number;
}

/** IDX files that belong together; labels and a test set are optional. */
interface IdxParts {
  images: Uint8Array<ArrayBuffer>;
  labels?: Uint8Array<ArrayBuffer> | undefined;
  testImages?: Uint8Array<ArrayBuffer> | undefined;
  testLabels?: Uint8Array<ArrayBuffer> | undefined;
}

type DroppedPart = keyof IdxParts;

const DROPPED_PARTS: readonly DroppedPart[] = ['images', 'labels', 'testImages', 'testLabels'];
const HELD_OUT_STROKES = 1_000;
/** The held-out digits come from a seed that no training set has. */
const HELD_OUT_SEED = 2 ** 33;
/** Of files without a test set: this part of the images is set aside, at most so many. */
const HELD_OUT_FRACTION = 0.1;
const MOST_HELD_OUT = 1_000;

export class TrainingData {
  /** Whether MNIST is in this browser already. */
  hasMnist = $state(false);
  /** What the visitor's files hold, in words; undefined without any. */
  files = $state<string>();
  /** Counts changes of the files. */
  revision = $state(0);
  /** Why files last only as long as the page, in words; undefined where they are kept. */
  storageProblem = $state<string>();
  /** Of what the visitor's files hold. */
  #fingerprint = $state('');
  /** Compressed bytes received; undefined while nothing is fetched. */
  fetched = $state<number>();
  readonly own: OwnDrawings;
  readonly #store: BrowserStore;
  /** Kept in memory as well where storage is forbidden. */
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- nothing shows it
  readonly #blobs = new Map<string, Blob>();
  #fetching: AbortController | undefined;

  constructor(store: BrowserStore, own: OwnDrawings) {
    this.#store = store;
    this.own = own;
  }

  /** Finds out what earlier visits left. */
  async restore(): Promise<void> {
    await this.own.restore();
    const kept = await Promise.all(MNIST_FILES.map(({ name }) => this.#has(mnistKey(name))));
    this.hasMnist = kept.every(Boolean);
    const images = await this.#read(droppedKey('images'));
    if (images) this.files = await this.#describeDropped();
  }

  /** Fetches MNIST from a public mirror. Only ever called by the visitor's button. */
  async fetchMnist(): Promise<void> {
    this.#fetching?.abort();
    const fetching = new AbortController();
    this.#fetching = fetching;
    this.storageProblem = undefined;
    this.fetched = 0;
    const store: FileStore = {
      has: (name: MnistName) => this.#has(mnistKey(name)),
      put: (name, bytes) => this.#write(mnistKey(name), bytes),
    };
    try {
      await fetchMnist({
        store,
        signal: fetching.signal,
        onprogress: (bytes) => {
          this.fetched = bytes;
        },
      });
      this.hasMnist = true;
    } finally {
      this.fetched = undefined;
    }
  }

  stopFetching(): void {
    this.#fetching?.abort();
  }

  /** Takes IDX files, plain or gzip, in any order; throws what is wrong with them and then changes nothing. */
  async accept(files: readonly File[]): Promise<void> {
    const found: { name: string; kind: IdxKind; bytes: Uint8Array<ArrayBuffer> }[] = [];
    for (const file of files) {
      const bytes = await gunzip(new Uint8Array(await file.arrayBuffer()));
      const kind = idxKind(bytes);
      if (!kind) throw new Error(`“${file.name}” is no IDX file of 28×28 images or labels.`);
      found.push({ name: file.name, kind, bytes });
    }
    const images = found.filter(({ kind }) => kind === 'images');
    const labels = found.filter(({ kind }) => kind === 'labels');
    const isTest = ({ name }: { name: string }): boolean => /t10k|test/i.test(name);
    const train = images.find((one) => !isTest(one)) ?? images[0];
    if (!train) throw new Error('These are labels without images: drop the file of images with them.');
    const test = images.find((one) => one !== train);
    const labelsOf = (set: typeof train | undefined): Uint8Array<ArrayBuffer> | undefined =>
      set &&
      (
        labels.find((one) => idxCount(one.bytes) === idxCount(set.bytes) && isTest(one) === isTest(set)) ??
        labels.find((one) => idxCount(one.bytes) === idxCount(set.bytes))
      )?.bytes;
    const trainLabels = labelsOf(train);
    if (labels.length > 0 && !trainLabels) {
      throw new Error(
        `The labels do not fit: there are ${String(idxCount(train.bytes))} images but ${labels.map((one) => String(idxCount(one.bytes))).join(' and ')} labels.`,
      );
    }
    const parts: IdxParts = {
      images: train.bytes,
      labels: trainLabels,
      testImages: test?.bytes,
      testLabels: labelsOf(test),
    };
    this.storageProblem = undefined;
    for (const part of DROPPED_PARTS) {
      const bytes = parts[part];
      if (bytes) await this.#write(droppedKey(part), bytes);
      else await this.#delete(droppedKey(part));
    }
    // Half of these beside half of those before would be no data set.
    if (this.storageProblem !== undefined) await this.#forgetStored(DROPPED_PARTS.map(droppedKey));
    this.revision += 1;
    this.files = await this.#describeDropped();
  }

  /** The data of a plan, to be loaded into a training worker. */
  source(plan: DataPlan): DataSource {
    const { own } = this;
    const drawings = own.items.length > 0 ? `${own.signature} ×${String(plan.ownRepeats)}` : '';
    const base =
      plan.kind === 'strokes'
        ? `${String(plan.images)} of ${String(plan.seed)}`
        : plan.kind === 'files'
          ? this.#fingerprint
          : '';
    return {
      signature: [plan.kind, base, drawings].join(' | '),
      load: async (call) => {
        const loaded = await this.#loadBase(call, plan);
        return own.items.length > 0 ? this.#addOwn(call, loaded, plan.ownRepeats) : loaded;
      },
    };
  }

  async #loadBase(call: Call, plan: DataPlan): Promise<LoadedData> {
    if (plan.kind === 'strokes') {
      const train = await call('strokesDataset', ['train', plan.images, plan.seed]);
      await call('strokesDataset', ['held-out', HELD_OUT_STROKES, HELD_OUT_SEED + plan.seed]);
      return describe(call, train.size, HELD_OUT_STROKES);
    }
    const parts = await this.#parts(plan.kind);
    if (!parts) {
      throw new Error(
        plan.kind === 'mnist'
          ? 'MNIST is not in this browser yet: fetch it, or drop its files.'
          : 'Drop IDX files first: images, and labels if you have them.',
      );
    }
    const { train, heldOut } = splitParts(parts);
    const size = await loadIdx(call, 'train', train);
    const heldOutSize = await loadIdx(call, 'held-out', heldOut);
    return describe(call, size, heldOutSize);
  }

  async #addOwn(call: Call, loaded: LoadedData, repeats: number): Promise<LoadedData> {
    const { pixels, labels } = this.own.repeated(repeats);
    await call('pixelsDataset', ['own', pixels, labels]);
    const { size } = await call('concatenatedDataset', ['train-and-own', loaded.key, 'own']);
    await call('releaseDataset', ['own']);
    await call('releaseDataset', [loaded.key]);
    return { ...loaded, key: 'train-and-own', size };
  }

  async #parts(kind: 'mnist' | 'files'): Promise<IdxParts | undefined> {
    const read = (part: DroppedPart): Promise<Uint8Array<ArrayBuffer> | undefined> =>
      this.#read(kind === 'mnist' ? mnistKey(MNIST_PARTS[part]) : droppedKey(part));
    const [images, labels, testImages, testLabels] = await Promise.all(DROPPED_PARTS.map(read));
    return images && { images, labels, testImages, testLabels };
  }

  async #describeDropped(): Promise<string | undefined> {
    const parts = await this.#parts('files');
    if (!parts) return undefined;
    this.#fingerprint = DROPPED_PARTS.map((part) => fingerprint(parts[part])).join(' ');
    const count = (bytes: Uint8Array | undefined): string =>
      bytes ? idxCount(bytes).toLocaleString('en') : '';
    const train = `${count(parts.images)} images${parts.labels ? ' with labels' : ''}`;
    return parts.testImages ? `${train}, ${count(parts.testImages)} to test` : train;
  }

  async #has(key: string): Promise<boolean> {
    if (this.#blobs.has(key)) return true;
    try {
      return (await this.#store.use((database) => database.count('files', key))) > 0;
    } catch {
      return false;
    }
  }

  async #read(key: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    let blob = this.#blobs.get(key);
    try {
      blob ??= await this.#store.use((database) => database.get('files', key));
    } catch {
      // Storage is forbidden: what is in memory is all there is.
    }
    return blob && new Uint8Array(await blob.arrayBuffer());
  }

  async #write(key: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const blob = new Blob([bytes]);
    this.#blobs.set(key, blob);
    try {
      await this.#store.use((database) => database.put('files', blob, key));
    } catch (error) {
      // It lasts as long as the page, then.
      this.storageProblem = storageReason(error);
    }
  }

  async #delete(key: string): Promise<void> {
    this.#blobs.delete(key);
    await this.#forgetStored([key]);
  }

  async #forgetStored(keys: readonly string[]): Promise<void> {
    try {
      for (const key of keys) await this.#store.use((database) => database.delete('files', key));
    } catch {
      // Nothing was kept.
    }
  }
}

const MNIST_PARTS: Record<DroppedPart, MnistName> = {
  images: 'train-images-idx3-ubyte',
  labels: 'train-labels-idx1-ubyte',
  testImages: 't10k-images-idx3-ubyte',
  testLabels: 't10k-labels-idx1-ubyte',
};

function mnistKey(name: MnistName): string {
  return `mnist/${name}`;
}

function droppedKey(part: DroppedPart): string {
  return `dropped/${part}`;
}

/** Without a test set the last images are set aside, so that held-out curves mean what they say. */
function splitParts(parts: IdxParts): { train: IdxParts; heldOut: IdxParts } {
  const { images, labels, testImages, testLabels } = parts;
  if (testImages) return { train: { images, labels }, heldOut: { images: testImages, labels: testLabels } };
  const count = idxCount(images);
  const aside = Math.min(MOST_HELD_OUT, Math.ceil(HELD_OUT_FRACTION * count));
  // One image can only be its own test.
  if (count < 2) return { train: parts, heldOut: parts };
  const cut = (from: number, to: number): IdxParts => ({
    images: idxSlice(images, 'images', from, to),
    labels: labels && idxSlice(labels, 'labels', from, to),
  });
  return { train: cut(0, count - aside), heldOut: cut(count - aside, count) };
}

/** The bytes are handed over, not copied: tens of megabytes would make the page stutter. */
async function loadIdx(call: Call, key: string, { images, labels }: IdxParts): Promise<number> {
  const { size } = await call('idxDataset', [key, Comlink.transfer(images, [images.buffer]), labels]);
  return size;
}

async function describe(call: Call, size: number, heldOutSize: number): Promise<LoadedData> {
  const labels = await call('datasetLabels', ['held-out', 0, heldOutSize]);
  return { key: 'train', size, heldOutKey: 'held-out', heldOutSize, labels };
}
