/** The Train lab's state: settings, data and run, kept together; it goes on while other labs are open. */

import { counted } from '../../components/format';
import { engine } from '../../engine/client';
import { isAbort } from '../../engine/latest';
import { EngineError, type ParameterValue, type TrainOptions } from '../../engine/protocol';
import { wordsOf } from '../../engine/wordsOf';
import { Autosave, type KeptRun, type StartWeights } from './run/autosave';
import { checkpointKind } from './run/checkpointFile';
import { Claim } from './run/claim';
import { store } from './run/database';
import { History } from './run/history';
import { models } from '../../state/model.svelte';
import { Keeping } from './keeping.svelte';
import { OwnDrawings } from './data/ownDrawings.svelte';
import { OwnHand } from './ownHand.svelte';
import { PageModel } from './pageModel.svelte';
import { Question } from './question.svelte';
import { page } from '../../state/page.svelte';
import { TrainingRun } from './run/run.svelte';
import type { Recipe, RunCheckpoint } from './run/runTypes';
import { Speed } from './run/speed.svelte';
import { report, toasts } from '../../state/toasts.svelte';
import { TrainingData } from './data/trainingData.svelte';
import { expert } from './expert.svelte';
import { familyInWords, specInWords } from './inWords';
import { connectToPage } from './following.svelte';
import {
  DATA,
  DATA_SPECS,
  FIXED_IMAGES,
  IMAGES,
  OWN_SPEC,
  START,
  TrainingSettings,
  type DataKind,
} from './trainingSettings.svelte';
import { watchPage } from './visibility';

/** This lab's id. */
const LAB = 'train';
/** A slider being dragged makes one new model, not fifty. */
const PREPARE_DELAY_MS = 300;

/** They change in flight and are no reason for a new run. */
const IN_FLIGHT = ['learningRate', OWN_SPEC.name];
/** What an experiment leaves as it is. */
const OF_THE_DATA = [DATA, OWN_SPEC.name, ...DATA_SPECS.map(({ name }) => name)];

export class Training {
  readonly settings = new TrainingSettings();
  readonly own = new OwnDrawings(store);
  readonly data = new TrainingData(store, this.own, engine.train.call.bind(engine.train));
  readonly keeping = new Keeping(
    new Autosave(store),
    // Missing where the page is not secure, whatever its type says.
    new Claim(navigator.locks as LockManager | undefined),
  );
  readonly question = new Question();
  readonly run: TrainingRun = new TrainingRun(engine.train, {
    oncheckpoint: (checkpoint) => this.#keep(checkpoint),
    onlearningrate: (rate) => {
      this.settings.set('learningRate', rate);
      this.#tellAddress();
    },
    isWatched: () => this.isWatched && !document.hidden,
  });
  readonly speed = new Speed(engine.train, this.run);
  readonly ownHand = new OwnHand(this.run);
  readonly pageModel: PageModel = new PageModel(this.run);

  /** What went wrong with the last file or request; stays until the next one. */
  problem = $state<string>();
  /** A model dropped in to start from. */
  weights = $state.raw<StartWeights>();
  #preparing = $state(false);
  /** How many of the visitor's drawings the run learns from. */
  #ownInData = 0;
  /** What the present run was made from. */
  #applied = $state('');
  #appliedSettings = $state.raw<TrainOptions>({});
  #opened: Promise<void> | undefined;
  #prepareTimer: ReturnType<typeof setTimeout> | undefined;
  /** The last preparation asked for. */
  #preparation: Promise<boolean> = Promise.resolve(true);

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
  /** Someone sees what the model in training makes of things. */
  readonly isWatched: boolean = $derived(page.lab === LAB || this.pageModel.follows);
  /** The data that are looked at; they are trained on once they are there. */
  chosenData = $derived<DataKind>(this.settings.data);
  /** The visitor chose data that are not there yet: nothing starts on others in their place. */
  readonly isDataMissing = $derived(this.chosenData !== this.settings.data);

  /** Once, when the lab is first opened. */
  open(): Promise<void> {
    this.#opened ??= this.#open().catch((error: unknown) => {
      // What failed for want of the network may be tried again.
      this.#opened = undefined;
      throw error;
    });
    return this.#opened;
  }

  async #open(): Promise<void> {
    const [families, specs] = await Promise.all([
      engine.train.call('modelFamilies', []),
      engine.train.call('trainParameters', []),
    ]);
    this.settings.describe(families.map(familyInWords), specs.map(specInWords));
    this.#takeAddress(page.training);
    store.onlost = () => {
      this.keeping.lost();
    };
    try {
      await this.data.restore();
    } catch (error) {
      this.keeping.fail(error);
    }
    await this.prepare();
    connectToPage(this);
    watchPage(this);
  }

  /** Settings from the address: a link was followed while the page was open. */
  adoptAddress(values: TrainOptions): void {
    if (this.settings.families.length === 0 || same(values, this.settings.changed)) return;
    this.#takeAddress(values);
    // A link that names a default asks for the run that is there: making it again would swallow a press of Start.
    if (this.#identity !== this.#applied) this.#settingsChanged();
  }

  #takeAddress(values: TrainOptions): void {
    if (this.#take(values, 'Not all of this link’s settings can be used')) this.#tellAddress();
    expert.showChanged(this.settings.changed);
  }

  /** Takes what is possible of some settings, and tells the rest; whether there was any. */
  #take(values: TrainOptions, words: string): boolean {
    const problems = this.settings.replace(values);
    if (problems.length > 0) toasts.show(`${words}: ${problems.join('; ')}.`, 'problem');
    return problems.length > 0;
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
    if (!(await this.#mayReplace())) return;
    const data = Object.entries(this.settings.changed).filter(([name]) => OF_THE_DATA.includes(name));
    this.settings.replace({ ...Object.fromEntries(data), ...values });
    this.weights = undefined;
    this.#tellAddress();
    if (await this.prepare()) await this.run.start();
  }

  /** Whether the present run is that of an experiment. */
  isOf(values: TrainOptions): boolean {
    const model = Object.entries(this.#appliedSettings).filter(([name]) => !OF_THE_DATA.includes(name));
    return this.run.isReady && !this.weights && same(Object.fromEntries(model), values);
  }

  /** Makes the run that the settings describe, from its first weights; false says that it could not. */
  prepare(): Promise<boolean> {
    clearTimeout(this.#prepareTimer);
    this.#prepareTimer = undefined;
    this.#preparation = this.#prepare();
    return this.#preparation;
  }

  async #prepare(): Promise<boolean> {
    this.problem = undefined;
    const identity = this.#identity;
    this.#preparing = true;
    const made = await this.#attempt(async () => {
      this.ownHand.forget();
      await this.run.prepare(await this.#recipe());
      this.#applies(identity);
      await this.keeping.begin();
    });
    this.#preparing = false;
    return made;
  }

  /** Back to the same initial weights, or to the first weights of changed settings. */
  async reset(): Promise<void> {
    if (!(await this.#mayReplace())) return;
    if (this.isStale || !this.run.isReady) {
      await this.prepare();
      return;
    }
    const identity = this.#identity;
    await this.#attempt(async () => {
      this.ownHand.forget();
      await this.run.reset();
      await this.run.setLearningRate(this.settings.number('learningRate'));
      this.#applies(identity);
      await this.keeping.begin();
    });
  }

  async start(): Promise<void> {
    await this.#settled();
    if (this.run.status !== 'paused' || this.isDataMissing) return;
    await this.run.start();
  }

  async step(): Promise<void> {
    await this.#settled();
    await this.#attempt(() => this.run.stepOnce());
  }

  /** What is prepared now, or a moment later, must be what runs. */
  async #settled(): Promise<void> {
    let last;
    do {
      if (this.#prepareTimer !== undefined) void this.prepare();
      last = this.#preparation;
      await last;
    } while (last !== this.#preparation || this.#prepareTimer !== undefined);
  }

  /** The visitor's drawings changed: they are learnt from the next epoch on. */
  async changeOwn(): Promise<void> {
    // The first of them: until now the model has seen none.
    if (this.#ownInData === 0) await this.ownHand.keep().catch(report);
    this.#ownInData = this.own.items.length;
    if (this.#ownInData === 0) this.ownHand.forget();
    await this.#attempt(() => this.run.changeData(this.data.source(this.#plan())));
  }

  /** Goes on with a run that this browser keeps. */
  async resumeKept(kept: KeptRun): Promise<void> {
    this.problem = undefined;
    if (!(await this.#mayReplace())) return;
    await this.#attempt(async () => {
      const saved = await this.keeping.read(kept.id);
      if (!saved) throw new Error('This run is no longer kept: it was deleted in another tab.');
      const before = { changed: this.settings.changed, weights: this.weights };
      const back = (): void => {
        this.settings.replace(before.changed);
        this.weights = before.weights;
      };
      // Before there were digits without end, a run that named no number had a fixed set.
      this.settings.replace(
        saved.data === undefined ? { [IMAGES]: FIXED_IMAGES, ...saved.settings } : saved.settings,
      );
      this.weights = saved.weights;
      try {
        const recipe = await this.#recipe();
        if (!(await this.#isWantedOn(recipe.data.signature, saved.data))) {
          back();
          return;
        }
        const { checkpoint: bytes, history, strip } = saved;
        this.ownHand.forget();
        await this.run.resume(recipe, { bytes, history, strip });
      } catch (error) {
        back();
        throw error;
      }
      this.#tellAddress();
      this.#applies(this.#identity);
      await this.keeping.goOn(saved);
      await this.run.start();
    });
  }

  /** A run that learnt from other data than there are now goes on with these only if the visitor says so. */
  async #isWantedOn(present: string, kept: string | undefined): Promise<boolean> {
    if (kept === undefined || kept === present) return true;
    return this.question.ask(
      'The data of this run have changed: files or your own drawings are not those that it has learnt from. It can go on with the present ones, but its curves will not be comparable.',
      'Go on with the present data',
    );
  }

  /** What is not kept is not thrown away without asking. */
  async #mayReplace(): Promise<boolean> {
    const { step } = this.run;
    if (step === 0) return true;
    await this.keepNow();
    if (this.keeping.holds(step)) return true;
    return this.question.ask(
      `This run of ${counted(step)} steps is not kept in this browser and will be lost. Download its checkpoint first if you want to go on with it later.`,
      'Throw it away',
    );
  }

  /** Files dropped on the lab or chosen: checkpoints and data, told apart by what they are. */
  async accept(files: readonly File[]): Promise<void> {
    this.problem = undefined;
    await this.#attempt(async () => {
      const checkpoint = files.find(({ name }) => /\.safetensors$/i.test(name));
      if (checkpoint) await this.#openCheckpoint(checkpoint);
      else if (files.length > 0) this.#trainOn(await this.data.accept(files));
    });
  }

  /** The images of files whose labels cannot be used. */
  async acceptOffered(): Promise<void> {
    await this.#attempt(async () => {
      this.#trainOn(await this.data.acceptOffered());
    });
  }

  /** Turns the images of the visitor's files upright, exchanges ink and paper, or takes it back. */
  async treat(treatment: Parameters<TrainingData['treat']>[0]): Promise<void> {
    await this.#attempt(async () => {
      await this.data.treat(treatment);
      this.#settingsChanged();
    });
  }

  #trainOn(kind: DataKind | undefined): void {
    if (kind === undefined) return;
    this.settings.set(DATA, kind);
    this.chosenData = kind;
    this.#tellAddress();
    this.#settingsChanged();
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

  /** Data to train on, now or as soon as they are there. */
  chooseData(kind: DataKind): void {
    const isHere =
      kind === 'strokes' || (kind === 'mnist' ? this.data.hasMnist : this.data.files !== undefined);
    if (isHere) this.change(DATA, kind);
    this.chosenData = kind;
  }

  /** Keeps the run as it is at this moment. A page that is being left may not live long enough to finish this. */
  async keepNow(): Promise<void> {
    if (!this.run.isReady || this.run.step === 0 || this.keeping.holds(this.run.step)) return;
    await this.run.takeCheckpoint().catch(() => undefined);
    await this.keeping.settled();
  }

  async #openCheckpoint(file: File): Promise<void> {
    try {
      await this.#continueFrom(file);
    } catch (error) {
      if (!(error instanceof EngineError) || error.code === 'worker-lost') throw error;
      throw new Error(`${file.name}: ${error.message}`, { cause: error });
    }
  }

  async #continueFrom(file: File): Promise<void> {
    const bytes = new Uint8Array(await file.arrayBuffer());
    if (checkpointKind(bytes) === 'model') {
      // It is read twice: first to see whether it can be, while the present run is untouched.
      const { spec } = await engine.train.call('loadModel', ['candidate', bytes]);
      if (!(await this.#mayReplace())) return;
      this.weights = { name: file.name, bytes };
      // They bring their own shape: what acts is what acts with it.
      const others = Object.entries(this.settings.changed).filter(([name]) => !this.settings.isOfModel(name));
      this.#take({ ...Object.fromEntries(others), ...spec }, `Not all settings go with ${file.name}`);
      this.#tellAddress();
      await this.prepare();
      return;
    }
    if (!(await this.#mayReplace())) return;
    const recipe = await this.#recipe();
    await this.run.resume(recipe, { bytes, history: new History().data(), strip: [] });
    const { info } = this.run;
    this.weights = undefined;
    const data = Object.entries(this.settings.changed).filter(([name]) => OF_THE_DATA.includes(name));
    this.settings.replace({ ...Object.fromEntries(data), ...info?.spec, ...info?.options });
    this.#tellAddress();
    this.#applies(this.#identity);
    await this.keeping.begin();
  }

  #plan() {
    return {
      kind: this.settings.data,
      images: this.settings.isEndless ? 0 : this.settings.number(IMAGES) || FIXED_IMAGES,
      seed: this.settings.number('dataSeed'),
      ownRepeats: this.settings.number(OWN_SPEC.name),
    };
  }

  async #recipe(): Promise<Recipe> {
    this.#ownInData = this.own.items.length;
    const { spec, options, seed, start } = this.settings;
    const weights = this.weights?.bytes ?? (start === 'fresh' ? undefined : await models.weights(start));
    return { spec, options, seed, data: this.data.source(this.#plan()), weights };
  }

  #settingsChanged(): void {
    if (this.run.step > 0 || this.run.isRunning) return;
    clearTimeout(this.#prepareTimer);
    this.#prepareTimer = setTimeout(() => {
      this.#prepareTimer = undefined;
      // A run that has begun meanwhile is not thrown away.
      if (this.run.step === 0 && !this.run.isRunning) void this.prepare();
    }, PREPARE_DELAY_MS);
  }

  #tellAddress(): void {
    page.training = this.settings.changed;
  }

  /** The present run is of these settings. */
  #applies(identity: string): void {
    this.#applied = identity;
    this.#appliedSettings = this.settings.changed;
  }

  #keep({ bytes, step, epoch, history, strip }: RunCheckpoint): Promise<void> {
    return this.keeping.save({
      step,
      epoch,
      heldOutElbo: history.heldOut.elbo.at(-1),
      settings: { ...this.#appliedSettings, learningRate: this.settings.number('learningRate') },
      data: this.run.dataSignature,
      checkpoint: bytes,
      history,
      strip: [...strip],
      weights: this.weights,
    });
  }

  /** What fails is said in the lab; a lost worker says so itself where it is restarted. */
  async #attempt(operation: () => Promise<void>): Promise<boolean> {
    try {
      await operation();
      return true;
    } catch (error) {
      if (!isAbort(error) && !(error instanceof EngineError && error.code === 'worker-lost')) {
        this.problem = wordsOf(error);
      }
      return false;
    }
  }
}

function same(a: TrainOptions, b: TrainOptions): boolean {
  const sorted = (options: TrainOptions): string => JSON.stringify(Object.entries(options).sort());
  return sorted(a) === sorted(b);
}

export const training = new Training();
