/** The Train lab's state: settings, data and run, kept together; it goes on while other labs are open. */

import { engine } from '../../engine/client';
import { isAbort } from '../../engine/latest';
import { EngineError, type ParameterValue, type TrainOptions } from '../../engine/protocol';
import { Autosave, type SavedRun, type StartWeights } from './run/autosave';
import { checkpointKind } from './run/checkpointFile';
import { database } from './run/database';
import { History } from './run/history';
import { models } from '../../state/model.svelte';
import { OwnDrawings } from './data/ownDrawings.svelte';
import { page } from '../../state/page.svelte';
import { TrainingRun } from './run/run.svelte';
import type { Recipe, RunCheckpoint } from './run/runTypes';
import { Speed } from './run/speed.svelte';
import { report } from '../../state/toasts.svelte';
import { TrainingData } from './data/trainingData.svelte';
import { DATA, DATA_SPECS, OWN_SPEC, START, TrainingSettings } from './trainingSettings.svelte';

/** The model in training under this name on the page. */
const PAGE_KEY = 'trained';
const PAGE_LABEL = 'trained in this tab';
/** While training, the page's model follows this often: its posterior grid takes a moment. */
const FOLLOW_INTERVAL_MS = 2_500;
/** A slider being dragged makes one new model, not fifty. */
const PREPARE_DELAY_MS = 300;

/** They change in flight and are no reason for a new run. */
const IN_FLIGHT = ['learningRate', OWN_SPEC.name];
/** What an experiment leaves as it is. */
const OF_THE_DATA = [DATA, OWN_SPEC.name, ...DATA_SPECS.map(({ name }) => name)];

export class Training {
  readonly settings = new TrainingSettings();
  readonly own = new OwnDrawings(database);
  readonly data = new TrainingData(database, this.own);
  readonly run = new TrainingRun(engine.train, {
    oncheckpoint: (checkpoint) => void this.#keep(checkpoint),
    onlearningrate: (rate) => {
      this.settings.set('learningRate', rate);
      this.#tellAddress();
    },
    isHidden: () => document.hidden,
  });
  readonly speed = new Speed(engine.train, this.run);
  readonly #autosave = new Autosave(database);

  /** A run that an earlier visit left. */
  offer = $state.raw<SavedRun>();
  /** When the run was last kept, milliseconds since 1970. */
  savedAt = $state<number>();
  /** Why nothing can be kept, in words. */
  storageProblem = $state<string>();
  /** What went wrong with the last file or request; stays until the next one. */
  problem = $state<string>();
  /** A model dropped in to start from. */
  weights = $state.raw<StartWeights>();
  /** The page's model follows the training. */
  follows = $state(true);
  #preparing = $state(false);
  /** What the present run was made from. */
  #applied = $state('');
  #appliedSettings: TrainOptions = {};
  #opened: Promise<void> | undefined;
  #runId = '';
  #prepareTimer: ReturnType<typeof setTimeout> | undefined;
  #followedAtMs = 0;

  readonly #identity = $derived(
    JSON.stringify([
      Object.entries(this.settings.values).filter(([name]) => !IN_FLIGHT.includes(name)),
      this.weights?.name,
      this.settings.data === 'files' ? this.data.revision : 0,
    ]),
  );
  /** Settings differ from those of the run: a reset will apply them. */
  readonly isStale = $derived(
    this.run.step > 0 && this.#applied !== '' && this.#identity !== this.#applied && !this.#preparing,
  );
  readonly isOnPage = $derived(models.current?.key === PAGE_KEY);

  /** Once, when the lab is first opened. */
  open(): Promise<void> {
    this.#opened ??= this.#open();
    return this.#opened;
  }

  async #open(): Promise<void> {
    const [families, specs] = await Promise.all([
      engine.train.call('modelFamilies', []),
      engine.train.call('trainParameters', []),
    ]);
    this.settings.describe(families, specs);
    this.settings.replace(page.training);
    try {
      await this.data.restore();
      this.offer = await this.#autosave.newest();
    } catch (error) {
      this.#storageFailed(error);
    }
    await this.prepare();
  }

  /** Settings from the address: a link was followed while the page was open. */
  adoptAddress(values: TrainOptions): void {
    if (this.settings.families.length === 0 || same(values, this.settings.changed)) return;
    this.settings.replace(values);
    this.#settingsChanged();
  }

  /** One setting, from its control. */
  change(name: string, value: ParameterValue): void {
    this.settings.set(name, value);
    if (name === START) this.weights = undefined;
    this.#tellAddress();
    if (name === 'learningRate') this.run.setLearningRate(this.settings.number(name)).catch(report);
    else if (name === OWN_SPEC.name) void this.changeOwn();
    else this.#settingsChanged();
  }

  /** An experiment: the defaults with some changes, on the present data, from the first step. */
  async experiment(values: TrainOptions): Promise<void> {
    const data = Object.entries(this.settings.changed).filter(([name]) => OF_THE_DATA.includes(name));
    this.settings.replace({ ...Object.fromEntries(data), ...values });
    this.weights = undefined;
    this.#tellAddress();
    if (await this.prepare()) await this.run.start();
  }

  /** Makes the run that the settings describe, from its first weights; false says that it could not. */
  async prepare(): Promise<boolean> {
    clearTimeout(this.#prepareTimer);
    this.problem = undefined;
    const identity = this.#identity;
    this.#preparing = true;
    const made = await this.#attempt(async () => {
      await this.run.prepare(await this.#recipe());
      this.#newRun(identity);
    });
    this.#preparing = false;
    return made;
  }

  /** Back to the same initial weights, or to the first weights of changed settings. */
  async reset(): Promise<void> {
    if (this.isStale || !this.run.isReady) {
      await this.prepare();
      return;
    }
    const identity = this.#identity;
    await this.#attempt(async () => {
      await this.run.reset();
      await this.run.setLearningRate(this.settings.number('learningRate'));
      this.#newRun(identity);
    });
  }

  async start(): Promise<void> {
    // What is prepared a moment later must be what runs.
    if (this.#prepareTimer !== undefined) await this.prepare();
    if (this.run.status !== 'paused') return;
    this.offer = undefined;
    await this.run.start();
  }

  async step(): Promise<void> {
    if (this.#prepareTimer !== undefined) await this.prepare();
    await this.#attempt(() => this.run.stepOnce());
  }

  /** The visitor's drawings changed: they are learnt from the next epoch on. */
  async changeOwn(): Promise<void> {
    await this.#attempt(() => this.run.changeData(this.data.source(this.#plan())));
  }

  async resumeOffer(): Promise<void> {
    const { offer } = this;
    if (!offer) return;
    await this.#attempt(async () => {
      const before = { changed: this.settings.changed, weights: this.weights };
      this.settings.replace(offer.settings);
      this.weights = offer.weights;
      try {
        const { checkpoint: bytes, history, strip } = offer;
        await this.run.resume(await this.#recipe(), { bytes, history, strip });
      } catch (error) {
        this.settings.replace(before.changed);
        this.weights = before.weights;
        throw error;
      }
      this.#tellAddress();
      this.#newRun(this.#identity, offer.id);
      this.savedAt = offer.savedAt;
      await this.run.start();
    });
  }

  async discardOffer(): Promise<void> {
    const { offer } = this;
    this.offer = undefined;
    if (offer) await this.#autosave.remove(offer.id).catch(report);
  }

  /** Files dropped on the lab or chosen: checkpoints and IDX files, told apart by what they are. */
  async accept(files: readonly File[]): Promise<void> {
    this.problem = undefined;
    await this.#attempt(async () => {
      const checkpoint = files.find(({ name }) => /\.safetensors$/i.test(name));
      if (checkpoint) await this.#openCheckpoint(checkpoint);
      else if (files.length > 0) {
        await this.data.accept(files);
        this.settings.set(DATA, 'files');
        this.#tellAddress();
        this.#settingsChanged();
      }
    });
  }

  /** A file chosen as a checkpoint, whatever it is called. */
  async openCheckpoint(file: File): Promise<void> {
    this.problem = undefined;
    await this.#attempt(() => this.#openCheckpoint(file));
  }

  async fetchMnist(): Promise<void> {
    this.problem = undefined;
    await this.#attempt(async () => {
      await this.data.fetchMnist();
      this.change(DATA, 'mnist');
    });
  }

  /** The whole run as a file's bytes, and a name for it. */
  async download(): Promise<{ name: string; bytes: Uint8Array } | undefined> {
    const checkpoint = await this.run.takeCheckpoint();
    const { spec } = this.settings;
    const name = `${spec.model}-${String(this.run.latents)}d-step-${String(this.run.step)}.safetensors`;
    return checkpoint && { name, bytes: checkpoint.bytes };
  }

  /** Makes the model in training the page's. */
  async useOnPage(): Promise<void> {
    this.#followedAtMs = performance.now();
    const glimpse = this.run.record.observer.glimpse;
    await this.#attempt(async () => {
      const bytes = await this.run.saveModel();
      const codes = glimpse && {
        mean: glimpse.means,
        label: glimpse.codes.label,
        latents: glimpse.latents,
        count: glimpse.codes.count,
      };
      await models.adopt(PAGE_KEY, PAGE_LABEL, bytes, codes);
    });
  }

  /** The training moved on: the page's model follows now and then. */
  followOnPage(): void {
    const due = performance.now() - this.#followedAtMs > FOLLOW_INTERVAL_MS || !this.run.isRunning;
    if (this.follows && this.isOnPage && this.run.isReady && due) void this.useOnPage();
  }

  /** The page is being left or hidden. */
  async keepNow(): Promise<void> {
    if (this.run.isReady && this.run.step > 0) await this.run.takeCheckpoint().catch(() => undefined);
  }

  async #openCheckpoint(file: File): Promise<void> {
    try {
      await this.#continueFrom(file);
    } catch (error) {
      if (!(error instanceof EngineError && error.code === 'checkpoint')) throw error;
      throw new Error(`${file.name}: ${error.message}`, { cause: error });
    }
  }

  async #continueFrom(file: File): Promise<void> {
    const bytes = new Uint8Array(await file.arrayBuffer());
    if (checkpointKind(bytes) === 'model') {
      // It is read twice: first to see whether it can be, while the present run is untouched.
      await engine.train.call('loadModel', ['candidate', bytes]);
      await this.keepNow();
      this.weights = { name: file.name, bytes };
      await this.prepare();
      return;
    }
    await this.keepNow();
    const recipe = await this.#recipe();
    await this.run.resume(recipe, { bytes, history: new History().data(), strip: [] });
    const { info } = this.run;
    this.weights = undefined;
    const data = Object.entries(this.settings.changed).filter(([name]) => OF_THE_DATA.includes(name));
    this.settings.replace({ ...Object.fromEntries(data), ...info?.spec, ...info?.options });
    this.#tellAddress();
    this.#newRun(this.#identity);
  }

  #plan() {
    return {
      kind: this.settings.data,
      images: this.settings.number('images'),
      seed: this.settings.number('dataSeed'),
      ownRepeats: this.settings.number(OWN_SPEC.name),
    };
  }

  async #recipe(): Promise<Recipe> {
    const { spec, options, seed, start } = this.settings;
    const weights = this.weights?.bytes ?? (start === 'fresh' ? undefined : await models.weights(start));
    return { spec, options, seed, data: this.data.source(this.#plan()), weights };
  }

  #settingsChanged(): void {
    if (this.run.step > 0 || this.run.isRunning) return;
    clearTimeout(this.#prepareTimer);
    this.#prepareTimer = setTimeout(() => {
      void this.prepare();
    }, PREPARE_DELAY_MS);
  }

  #tellAddress(): void {
    page.training = this.settings.changed;
  }

  #newRun(identity: string, id = newId()): void {
    this.#prepareTimer = undefined;
    this.#applied = identity;
    this.#appliedSettings = this.settings.changed;
    this.#runId = id;
    this.savedAt = undefined;
    this.offer = this.run.step > 0 ? undefined : this.offer;
  }

  async #keep({ bytes, step, epoch, history, strip }: RunCheckpoint): Promise<void> {
    const savedAt = Date.now();
    try {
      await this.#autosave.save({
        id: this.#runId,
        savedAt,
        step,
        epoch,
        heldOutElbo: history.heldOut.elbo.at(-1),
        settings: { ...this.#appliedSettings, learningRate: this.settings.number('learningRate') },
        checkpoint: bytes,
        history,
        strip: [...strip],
        weights: this.weights,
      });
      this.savedAt = savedAt;
      this.storageProblem = undefined;
    } catch (error) {
      this.#storageFailed(error);
    }
  }

  #storageFailed(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.storageProblem = `This browser keeps nothing for the page (${reason}): download the checkpoint to be safe.`;
  }

  /** What fails is said in the lab; a lost worker says so itself where it is restarted. */
  async #attempt(operation: () => Promise<void>): Promise<boolean> {
    try {
      await operation();
      return true;
    } catch (error) {
      if (!isAbort(error) && !(error instanceof EngineError && error.code === 'worker-lost')) {
        this.problem = error instanceof Error ? error.message : String(error);
      }
      return false;
    }
  }
}

/** Unlike any other tab's. (`crypto.randomUUID` is for secure pages only.) */
function newId(): string {
  return `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
}

function same(a: TrainOptions, b: TrainOptions): boolean {
  const sorted = (options: TrainOptions): string => JSON.stringify(Object.entries(options).sort());
  return sorted(a) === sorted(b);
}

export const training = new Training();
