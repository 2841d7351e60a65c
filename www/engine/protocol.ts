/**
 * What the page and its workers say to each other. Types only, plus the error that crosses.
 *
 * Pixels and latents are row-major `Float32Array`s; pixels lie in [0, 1] with ink = 1; log-probabilities are in nats.
 *
 * The types of the package itself are declared there, once, and exported again here.
 */

import type * as Package from '../../pkg/latent_canvas.js';

export type {
  ApproximatePosterior,
  BeliefPicture,
  Capabilities,
  ChainOptions,
  Codes as Code,
  Degradation,
  Dependency,
  Elbo,
  Estimator,
  FactoredDigits,
  FileInspection,
  GridPosterior,
  Interpolation,
  LabelledSamples,
  LogLikelihood,
  LogLikelihoodOptions,
  MeanGradients,
  ModelFamily,
  ModelSpec,
  MutualInformation,
  NamedIdx,
  ParameterSpec,
  ParameterValue,
  Path,
  PlaneDensity,
  PriorKind,
  PublishedIdx,
  Repaired,
  RepairStage,
  SampleOptions,
  Slope,
  StepReport,
  StreamOptions,
  StrokeDigit,
  StrokeFactors,
  BestGaussian,
  WalkDiagnosis,
  WalkOptions,
  WalkSteps,
} from '../../pkg/latent_canvas.js';

export const SIDE = 28;
export const PIXELS = SIDE * SIDE;

/** The package's codes, and the page's own. */
export type ErrorCode =
  | Package.ErrorCode
  /** The worker died with the call in flight. */
  | 'worker-lost'
  /** An error for which the engine has no code. */
  | 'unknown';

/** An `Error` that keeps the engine's stable code. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** How an error travels between threads: structured cloning would drop the code of a real `Error`. */
export interface ErrorMessage {
  readonly code: ErrorCode;
  readonly message: string;
}

export interface ModelInfo {
  spec: Package.ModelSpec;
  capabilities: Package.Capabilities;
  prior: Package.PriorKind;
  approximatePosterior: Package.ApproximatePosterior;
  /** Whether p(x|z) is of black and white pixels; else of grey ones, with a density. */
  binaryPixels: boolean;
  /** K, the number of latents. */
  latents: number;
  /** The ways to log p(x) that it has, the best first; none where it has no p(x). */
  estimators: Package.Estimator[];
  provenance: unknown;
}

/** Pen strokes as the engine takes them: points in the unit field, one length a stroke. */
export interface StrokeData {
  points: Float32Array;
  strokeLengths: Uint32Array;
  /** In units of the field's side. */
  penWidth: number;
}

/** Whether the model is given the grey normal form or its pixels thresholded at 1/2. */
export type Binarization = 'binary' | 'grey';

/** Everything the spine shows of one drawing at once, in one message. */
export interface Perception extends Package.Codes {
  /** Nothing is drawn; the other fields then describe an image without ink. */
  empty: boolean;
  bound: Package.Elbo;
  /** The normal form, grey, 784. */
  seen: Float32Array;
  /** What the model was given: `seen`, or `seen` thresholded. */
  input: Float32Array;
  /** decode(mean), 784 pixel probabilities. */
  reconstruction: Float32Array;
}

export interface PerceiveOptions {
  binarization: Binarization;
  /** Monte Carlo draws for the reconstruction term of the ELBO. */
  samples: number;
  seed: number;
}

/** An answer, and how long the worker took for it. */
export type Timed<T> = T & { milliseconds: number };

export type TrainOptions = Record<string, Package.ParameterValue>;

export interface HeldOut {
  elbo: number;
  reconstruction: number;
  kl: number;
}

/** An estimator that runs, and how far it has come. */
export interface StreamReport {
  /** From all that is done; undefined before there is an estimate. */
  estimate: Package.LogLikelihood | undefined;
  /** Codes decoded so far, those of annealed chains still on their way too. */
  decoderEvaluations: number;
  /** Whether annealed chains that come from above start from draws of the posterior itself. */
  startsAtPosterior: boolean;
}

/** Where a climb to the best Gaussian stands. */
export interface Climbed extends Package.BestGaussian {
  steps: number;
  /** Steps to its end. */
  length: number;
}

/** The mean of q(z|x, y), and its decoding under each class, 10×784. */
export interface InEveryClass {
  code: Float32Array;
  probabilities: Float32Array;
}

export interface DatasetInfo {
  size: number;
  labelled: boolean;
}

export interface TrainerInfo extends ModelInfo {
  /** Steps done since the run began. */
  steps: number;
  /** Floating-point operations of a training step for each image: 6 for every weight. */
  flopsPerImage: number;
  options: TrainOptions;
}

/** Which of the package's builds a worker runs. */
export interface Build {
  name: Package.Build;
  threads: number;
}

/** What a worker is for: it follows the pen, trains, makes the labs' figures, or does what takes long and shows as it goes. */
export type Role = 'pen' | 'train' | 'figures' | 'study';

/** A worker's name says what it is for and how many threads it may use: it must know before the first message. */
export const workerName = (role: Role, threads: number): string => `${role}:${String(threads)}`;
/** Whether a worker starts with the viewer, which is enough to look at VAEs and comes sooner. */
export const isViewing = (role: Role): boolean => role === 'pen' || role === 'figures';
export const roleOf = (name: string): Role => name.split(':')[0] as Role;
export const threadsOf = (name: string): number => Number(name.split(':')[1] ?? 1);

/** What a worker is told before it can answer anything. */
export interface Starting {
  /** The viewer's module, if another worker has compiled it; given nothing, this one does. */
  giveViewer(module: WebAssembly.Module | undefined): void;
  /** The viewer's module as soon as it is compiled here; nothing where that fails. */
  viewer(): Promise<WebAssembly.Module | undefined>;
}

/**
 * One worker's methods. Models, data sets and trainers stay in the worker and are named by keys the caller chooses;
 * making one under a name in use replaces it. The one that trains offers all of it; the others have no data sets and
 * trainers before a model has made them fetch the whole package.
 */
export interface EngineApi {
  ping(): void;
  build(): Build;
  /** Bytes of memory that the engine has taken from the browser; it never gives any back. */
  memory(): Promise<number>;
  /** What the processor does at most, for about that long; GFLOP/s of all threads together. */
  roofline(milliseconds: number): number;

  // Descriptions
  modelFamilies(): Package.ModelFamily[];
  trainParameters(): Package.ParameterSpec[];
  randomSeed(): number;

  // Models
  loadModel(key: string, bytes: Uint8Array): ModelInfo;
  createModel(key: string, spec: Package.ModelSpec, seed: number): ModelInfo;
  saveModel(key: string): Uint8Array;
  /** The bytes of the model of images of one class, made of one that can be told it. */
  saveModelOfClass(key: string, label: number): Uint8Array;
  releaseModel(key: string): void;

  // Drawing
  normalizeStrokes(strokes: StrokeData): Float32Array;
  strokeDigit(seed: number, index: number, label?: number): Package.StrokeDigit;
  /** The digit of these factors, by a hand that strays as the seed has it. */
  writeDigit(factors: Package.StrokeFactors, seed: number): Package.StrokeDigit;
  /** Digits of the built-in set with this seed, with their factors. */
  factoredDigits(seed: number, from: number, count: number): Package.FactoredDigits;
  perceive(key: string, strokes: StrokeData, options: PerceiveOptions): Perception;

  // Inference
  encode(key: string, pixels: Float32Array): Package.Codes;
  /** p(y|x) of n images, n×10, by a model that knows of classes. */
  classify(key: string, pixels: Float32Array): Float32Array;
  /** One image's style under a class, and what the decoder makes of it in each of the ten, 10×784. */
  inEveryClass(key: string, pixels: Float32Array, label: number): InEveryClass;
  /** What each latent of n codes tells of each of their factors. */
  mutualInformation(
    codes: Float32Array,
    latents: number,
    factors: Float64Array,
    factorCount: number,
  ): Package.MutualInformation;
  /** q(y|x) of the first `count` images of a data set, count×10, from a model that tells classes. */
  classifyDataset(key: string, dataset: string, count: number): Float32Array;
  /** Draws of z ~ q(z|x) of one image, count×K. */
  drawCodes(key: string, pixels: Float32Array, count: number, seed: number): Float32Array;
  /** The codes of the first `count` images of a data set, with pixels of the kind that the model is shown of a drawing. */
  encodeDataset(key: string, dataset: string, count: number): Package.Codes;
  decode(key: string, latents: Float32Array): Float32Array;
  sample(key: string, count: number, options: Package.SampleOptions): Package.LabelledSamples;
  /** log p(z) of every code, nats. */
  logPrior(key: string, latents: Float32Array): Float32Array;
  interpolate(
    key: string,
    a: Float32Array,
    b: Float32Array,
    steps: number,
    path: Package.Path,
  ): Package.Interpolation;
  elbo(key: string, pixels: Float32Array, options: { seed: number; samples: number }): Package.Elbo;
  logLikelihood(
    key: string,
    pixels: Float32Array,
    options: Package.LogLikelihoodOptions,
  ): Package.LogLikelihood;

  /** log p(x) of each image, nats. */
  logLikelihoods(key: string, pixels: Float32Array, options: Package.LogLikelihoodOptions): Float64Array;

  // Estimators that run while one watches
  startStream(key: string, model: string, pixels: Float32Array, options: Package.StreamOptions): StreamReport;
  /** Goes on by so many draws, groups of draws or temperatures: a few milliseconds of work. */
  advanceStream(key: string, draws: number): StreamReport;
  releaseStream(key: string): void;

  // Two latents: the exact posterior; what it starts from is kept until the model changes
  posterior(key: string, pixels: Float32Array): Package.GridPosterior;

  /** The same where only the pixels were seen whose mask is not 0. */
  partialPosterior(key: string, pixels: Float32Array, mask: Float32Array): Package.GridPosterior;

  // Chains on the posterior, a few steps at a time
  /** Puts chains where they start, and tells where, chains×K. */
  /** log p(x, z) of codes n×2, nats; with a mask, of the pixels where it is not 0. */
  logJoint(key: string, pixels: Float32Array, latents: Float32Array, mask?: Float32Array): Float64Array;

  /** The gradient of the ELBO towards the mean of a Gaussian q, draw by draw, by both estimators. */
  meanGradients(
    key: string,
    pixels: Float32Array,
    q: Package.Codes,
    options: Package.MeanGradientOptions,
  ): Package.MeanGradients;

  /** Puts chains where they start, and tells where, chains×K. */
  createWalk(key: string, model: string, pixels: Float32Array, options: Package.WalkOptions): Float32Array;
  advanceWalk(key: string, steps: number): Package.WalkSteps;
  diagnoseWalk(key: string, lags: number): Package.WalkDiagnosis;
  releaseWalk(key: string): void;

  // From the encoder's q to the best Gaussian
  createClimb(
    key: string,
    model: string,
    pixels: Float32Array,
    seed: number,
    start?: Package.ClimbStart,
  ): Climbed;
  /** Goes on by so many steps and compares the bounds by so many draws. */
  advanceClimb(key: string, steps: number, draws: number): Climbed;
  releaseClimb(key: string): void;

  // Images of which a part is known
  /** What is believed of an image: 784 pixels, 0 for paper, 1 for ink, 2 for nothing known. */
  believe(key: string, seen: Uint8Array): Timed<Package.BeliefPicture>;
  /** The same where strokes lie in the field: what has at least half a pixel of ink is known, all else is not. */
  believeInk(key: string, strokes: StrokeData): Timed<Package.BeliefPicture> & { seen: Uint8Array };
  /** What was last believed, integrated as finely as it needs. */
  settleBelief(key: string): Timed<Package.BeliefPicture>;
  degrade(pixels: Float32Array, degradation: Package.Degradation, seed: number): Float32Array;
  repair(
    key: string,
    observed: Float32Array,
    degradation: Package.Degradation,
    completions: number,
    options: Package.ChainOptions,
  ): Package.Repaired;
  /** A repair by chains, a piece at a time. */
  createRepair(
    key: string,
    model: string,
    observed: Float32Array,
    degradation: Package.Degradation,
    completions: number,
    options: Package.ChainOptions,
  ): void;
  advanceRepair(key: string, steps: number): Package.RepairStage;
  releaseRepair(key: string): void;
  repairByAlternation(
    key: string,
    observed: Float32Array,
    degradation: Package.Degradation,
    rounds: number,
    runs: number,
    seed: number,
  ): Float32Array;

  // More latents: a plane through the codes
  fitProjection(key: string, codes: Float32Array, latents: number): Float32Array;
  project(key: string, codes: Float32Array): Float32Array;
  lift(key: string, points: Float32Array): Float32Array;

  // Data
  strokesDataset(key: string, count: number, seed: number): DatasetInfo;
  /** The same, which make way for the seed's next digits while a run is trained on them. */
  endlessDataset(key: string, count: number, seed: number): DatasetInfo;
  /** Refuses files that cannot be used, with the reason. */
  inspectFiles(names: string[], files: Uint8Array[]): Package.FileInspection;
  /** 784 grey values of a square picture, given as red, green, blue and opacity. */
  greyPicture(name: string, rgba: Uint8Array, width: number, height: number): Uint8Array;
  /** Pictures, n×784, as IDX files; folders in the paths say class and part. */
  picturesAsIdx(paths: string[], greys: Uint8Array): Package.NamedIdx[];
  publishedIdx(bytes: Uint8Array): Package.PublishedIdx | undefined;
  idxDataset(
    key: string,
    images: Uint8Array,
    labels?: Uint8Array,
    transposed?: boolean,
    inverted?: boolean,
  ): DatasetInfo;
  /** Takes the last images out of a data set and keeps them under another name. */
  setAside(key: string, heldOut: string): { train: DatasetInfo; heldOut: DatasetInfo };
  pixelsDataset(key: string, pixels: Float32Array, labels?: Uint8Array): DatasetInfo;
  concatenatedDataset(key: string, first: string, second: string): DatasetInfo;
  datasetLabels(key: string, from: number, count: number): Uint8Array | undefined;
  releaseDataset(key: string): void;

  // Training
  createTrainer(key: string, model: string, dataset: string, options: TrainOptions): TrainerInfo;
  resumeTrainer(key: string, bytes: Uint8Array, dataset: string): TrainerInfo;
  /**
   * Trains until the time is up or `maximumSteps` are done; one report for each step that has ended. A long step is cut:
   * it may begin in one call and end in a later one.
   */
  train(key: string, milliseconds: number, maximumSteps: number): Package.StepReport[];
  /** The gradient of one batch held against differences of its loss; the run stays as it was. */
  slopes(key: string): Package.Slope[];
  setLearningRate(key: string, rate: number): void;
  evaluate(key: string, dataset: string, count: number): HeldOut;
  /** Puts the trainer's current model beside the others under `model`. */
  snapshotModel(key: string, model: string): ModelInfo;
  saveTrainer(key: string): Uint8Array;
  releaseTrainer(key: string): void;
}
