/** What can be trained on: built-in stroke digits, MNIST, the visitor's files, and drawings added to any of them. */

import * as Comlink from 'comlink';

import type { DatasetInfo } from '../../../engine/protocol';
import { bytesOf, storageReason, storeBlob, type BrowserStore, type StoredBytes } from '../run/database';
import { fingerprint } from './fingerprint';
import { inspectFiles, inWords, PARTS, type AboutFiles, type Dropped, type Part } from './droppedFiles';
import { fetchMnist, MNIST_FILES, type FileStore, type MnistName } from './mnist';
import type { Call } from '../run/observer.svelte';
import type { OwnDrawings } from './ownDrawings.svelte';
import type { DataSource, LoadedData } from '../run/runTypes';
import type { DataKind } from '../trainingSettings.svelte';

export interface DataPlan {
  kind: DataKind;
  /** Of the stroke digits; 0 for new ones without end. */
  images: number;
  seed: number;
  /** How often each of the visitor's drawings counts. */
  ownRepeats: number;
}

/** The bytes of IDX files that belong together. */
type IdxParts = Partial<Record<Part, Uint8Array<ArrayBuffer>>>;

/** What is to be done with the visitor's images. */
type Treatment = Pick<AboutFiles, 'transposed' | 'inverted'>;

/** Digits without end: so many at a time, each in turn making way for a new one. */
const POOL = 5_000;
const HELD_OUT_STROKES = 1_000;
const MNIST_TEST_IMAGES = 10_000;
/** The held-out digits come from a seed that no training set has. */
const HELD_OUT_SEED = 2 ** 33;
/** Where it is kept what the visitor's files are. */
const ABOUT_KEY = 'dropped/about';

export class TrainingData {
  /** Whether MNIST is in this browser already. */
  hasMnist = $state(false);
  /** What the visitor's files are; undefined without any. */
  about = $state.raw<AboutFiles>();
  /** What they hold, in words. */
  readonly files = $derived(this.about && inWords(this.about));
  /** Files whose labels cannot be used, until the visitor takes the images without them. */
  offered = $state.raw<Dropped>();
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
  readonly #call: Call;
  /** Kept in memory as well where storage is forbidden. */
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- nothing shows it
  readonly #blobs = new Map<string, Blob>();
  #fetching: AbortController | undefined;

  /** `call` reaches a worker with the whole engine, which reads the files. */
  constructor(store: BrowserStore, own: OwnDrawings, call: Call) {
    this.#store = store;
    this.own = own;
    this.#call = call;
  }

  /** Finds out what earlier visits left. */
  async restore(): Promise<void> {
    await this.own.restore();
    const kept = await Promise.all(MNIST_FILES.map(({ name }) => this.#has(mnistKey(name))));
    this.hasMnist = kept.every(Boolean);
    await this.#restoreDropped();
  }

  async #restoreDropped(): Promise<void> {
    const parts = await this.#parts('files');
    if (!parts.images) return;
    this.#fingerprint = fingerprintOf(parts);
    const about = await this.#read(ABOUT_KEY);
    this.about = about
      ? (JSON.parse(new TextDecoder().decode(about)) as AboutFiles)
      : // Kept by an earlier version of the page, which noted nothing beside them.
        (await inspectFiles(asFiles(parts), this.#call)).about;
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
      put: (name, bytes) => this.#write(mnistKey(name), new Blob([bytes])),
    };
    try {
      await fetchMnist({
        store,
        identify: (bytes) => this.#call('publishedIdx', [bytes]),
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

  /**
   * Takes data files and pictures, in any order, and says what they have become. Throws what is wrong with them and
   * then changes nothing; so it is, too, while labels that cannot be used make an offer of them.
   */
  async accept(files: readonly File[]): Promise<DataKind | undefined> {
    this.offered = undefined;
    const dropped = await inspectFiles(files, this.#call);
    if (dropped.unusableLabels !== undefined) {
      this.offered = dropped;
      return undefined;
    }
    return this.#keep(dropped);
  }

  /** Takes the images that were offered without their labels. */
  async acceptOffered(): Promise<DataKind | undefined> {
    const { offered } = this;
    this.offered = undefined;
    return offered && this.#keep(offered);
  }

  /** Exchanges rows and columns of the visitor's images, or ink and paper, or stops to. */
  async treat(treatment: Partial<Treatment>): Promise<void> {
    if (!this.about) return;
    await this.#describe({ ...this.about, ...treatment });
  }

  async #keep({ parts, about }: Dropped): Promise<DataKind> {
    this.storageProblem = undefined;
    if (about.set === 'MNIST') {
      await this.#keepMnist(parts, about);
      if (this.hasMnist) return 'mnist';
    }
    for (const part of PARTS) {
      const blob = parts[part];
      if (blob) await this.#write(droppedKey(part), blob);
      else await this.#delete(droppedKey(part));
    }
    // Half of these beside half of those before would be no data set.
    if (this.storageProblem !== undefined) await this.#forgetStored(PARTS.map(droppedKey));
    this.#fingerprint = fingerprintOf(await this.#parts('files'));
    await this.#describe(about);
    return 'files';
  }

  /** MNIST's own files, some of the four or all. */
  async #keepMnist(parts: Dropped['parts'], about: AboutFiles): Promise<void> {
    for (const part of PARTS) {
      const blob = parts[part];
      if (blob) await this.#write(mnistKey(mnistName(part, about)), blob);
    }
    const kept = await Promise.all(MNIST_FILES.map(({ name }) => this.#has(mnistKey(name))));
    this.hasMnist = kept.every(Boolean);
  }

  async #describe(about: AboutFiles): Promise<void> {
    this.about = about;
    this.revision += 1;
    await this.#write(ABOUT_KEY, new Blob([JSON.stringify(about)]));
  }

  /** The data of a plan, to be loaded into a training worker. */
  source(plan: DataPlan): DataSource {
    const { own } = this;
    const drawings = own.items.length > 0 ? `${own.signature} ×${String(plan.ownRepeats)}` : '';
    const base =
      plan.kind === 'strokes'
        ? `${plan.images === 0 ? 'endless' : String(plan.images)} of ${String(plan.seed)}`
        : plan.kind === 'files'
          ? `${this.#fingerprint}${this.about?.transposed ? ' upright' : ''}${this.about?.inverted ? ' inverted' : ''}`
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
      const train = await (plan.images === 0
        ? call('endlessDataset', ['train', POOL, plan.seed])
        : call('strokesDataset', ['train', plan.images, plan.seed]));
      await call('strokesDataset', ['held-out', HELD_OUT_STROKES, HELD_OUT_SEED + plan.seed]);
      return describe(call, train.size, HELD_OUT_STROKES);
    }
    const { images, labels, testImages, testLabels } = await this.#parts(plan.kind);
    if (!images) {
      throw new Error(
        plan.kind === 'mnist'
          ? 'MNIST is not in this browser yet: fetch it, or drop its files.'
          : 'Drop files first: images, and labels if you have them.',
      );
    }
    const treatment = plan.kind === 'files' ? this.about : undefined;
    const { size } = await loadIdx(call, 'train', images, labels, treatment);
    if (testImages) {
      const heldOut = await loadIdx(call, 'held-out', testImages, testLabels, treatment);
      return describe(call, size, heldOut.size);
    }
    const { train, heldOut } = await call('setAside', ['train', 'held-out']);
    return describe(call, train.size, heldOut.size);
  }

  async #addOwn(call: Call, loaded: LoadedData, repeats: number): Promise<LoadedData> {
    const { pixels, labels } = this.own.repeated(repeats);
    await call('pixelsDataset', ['own', pixels, labels]);
    const { size } = await call('concatenatedDataset', ['train-and-own', loaded.key, 'own']);
    await call('releaseDataset', ['own']);
    await call('releaseDataset', [loaded.key]);
    return { ...loaded, key: 'train-and-own', size };
  }

  async #parts(kind: 'mnist' | 'files'): Promise<IdxParts> {
    const parts: IdxParts = {};
    for (const part of PARTS) {
      const bytes = await this.#read(kind === 'mnist' ? mnistKey(MNIST_PARTS[part]) : droppedKey(part));
      if (bytes) parts[part] = bytes;
    }
    return parts;
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
    let stored: StoredBytes | undefined = this.#blobs.get(key);
    try {
      stored ??= await this.#store.use((database) => database.get('files', key));
    } catch {
      // Storage is forbidden: what is in memory is all there is.
    }
    return stored && bytesOf(stored);
  }

  async #write(key: string, blob: Blob): Promise<void> {
    this.#blobs.set(key, blob);
    try {
      await storeBlob(blob, (bytes) => this.#store.use((database) => database.put('files', bytes, key)));
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

const MNIST_PARTS: Record<Part, MnistName> = {
  images: 'train-images-idx3-ubyte',
  labels: 'train-labels-idx1-ubyte',
  testImages: 't10k-images-idx3-ubyte',
  testLabels: 't10k-labels-idx1-ubyte',
};

function mnistKey(name: MnistName): string {
  return `mnist/${name}`;
}

function droppedKey(part: Part): string {
  return `dropped/${part}`;
}

/** Of MNIST's test set dropped alone, the images that there are count as those to train with. */
function mnistName(part: Part, about: AboutFiles): MnistName {
  const isTestSetAlone = about.testCount === 0 && about.count === MNIST_TEST_IMAGES;
  return MNIST_PARTS[isTestSetAlone ? TEST_PART[part] : part];
}

const TEST_PART: Record<Part, Part> = {
  images: 'testImages',
  labels: 'testLabels',
  testImages: 'testImages',
  testLabels: 'testLabels',
};

function fingerprintOf(parts: IdxParts): string {
  return PARTS.map((part) => fingerprint(parts[part])).join(' ');
}

/** Under names that say what they are. */
function asFiles(parts: IdxParts): File[] {
  return PARTS.flatMap((part) => {
    const bytes = parts[part];
    return bytes ? [new File([bytes], MNIST_PARTS[part])] : [];
  });
}

/** The bytes are handed over, not copied: tens of megabytes would make the page stutter. */
function loadIdx(
  call: Call,
  key: string,
  images: Uint8Array<ArrayBuffer>,
  labels: Uint8Array | undefined,
  treatment: Partial<Treatment> = {},
): Promise<DatasetInfo> {
  const { transposed = false, inverted = false } = treatment;
  return call('idxDataset', [key, Comlink.transfer(images, [images.buffer]), labels, transposed, inverted]);
}

async function describe(call: Call, size: number, heldOutSize: number): Promise<LoadedData> {
  const labels = await call('datasetLabels', ['held-out', 0, heldOutSize]);
  return { key: 'train', size, heldOutKey: 'held-out', heldOutSize, labels };
}
