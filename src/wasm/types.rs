//! TypeScript types of the options and reports that cross as plain objects.

use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** A family's id and its options: `{ model: "vae", latents: 2, hidden: [400], activation: "relu" }`. */
export type ModelSpec = { model: string } & Record<string, string | number | number[]>;

export type ParameterValue = number | string | number[];

/**
 * What the value of another option must be: one of these names, a number above this (or a list of more elements), or any
 * number but this. "model" is the family's id.
 */
export type Dependency = { option: string } & ({ oneOf: string[] } | { above: number } | { otherThan: number });

/**
 * One option of a model family or of training: the range of a number, the choices, or the lengths of a list. Unless all of
 * `dependsOn` holds, the option has no effect, and a value other than the default is refused.
 */
export interface ParameterSpec {
  name: string;
  label: string;
  description: string;
  unit?: string;
  dependsOn?: Dependency[];
  kind: "integer" | "number" | "choice" | "integerList";
  min?: number;
  max?: number;
  logarithmic?: boolean;
  options?: string[];
  /** What each of the options is for people. */
  texts?: { label: string; description: string }[];
  minLength?: number;
  maxLength?: number;
  default: ParameterValue;
}

/**
 * `sample`: it has a prior to sample from. `conditional`: it can be asked for a class. `likelihood`: log p(x) has bounds and
 * estimators. `exact`: log p(x) is known exactly. `classifies`: it has a classifier. `fitted`: it is fitted to all the data at
 * once, not by gradients.
 */
export interface Capabilities {
  sample: boolean; conditional: boolean; likelihood: boolean;
  exact: boolean; classifies: boolean; fitted: boolean;
}

/** `capabilities`: what each of its models can be asked for; with some options a model can do more (`model.capabilities()`). */
export interface ModelFamily {
  id: string;
  label: string;
  description: string;
  reference: string;
  capabilities: Capabilities;
  parameters: ParameterSpec[];
}

/**
 * p(z): N(0, 1) for each number; all values of a discrete code equally probable; learned, for real or for discrete codes; or
 * none, for a plain autoencoder.
 */
export type PriorKind = "unit-normal" | "uniform" | "learned-density" | "learned-distribution" | "none";

/**
 * q(z|x): a Gaussian with independent numbers, or with a full covariance; a Gaussian transformed by a flow; categorical; a
 * class and a Gaussian that depends on it; or a single point.
 */
export type ApproximatePosterior = "diagonal" | "full" | "flow" | "categorical" | "with-class" | "point";

/** q(z|x) of n images, each n×K. */
export interface Codes { mean: Float32Array; logVar: Float32Array }

export interface SampleOptions { seed: number; temperature?: number; label?: number }

/** latents n×K; probabilities and pixels n×784. */
export interface Samples { latents: Float32Array; probabilities: Float32Array; pixels: Float32Array }

/** `labels`: the class of each sample, for a model that draws a class or was given one; else empty. */
export interface LabelledSamples extends Samples { labels: Uint8Array }

export type Path = "linear" | "spherical" | "geodesic";

/** latents steps×K, probabilities steps×784. */
export interface Interpolation { latents: Float32Array; probabilities: Float32Array }

export interface ElboOptions { seed: number; samples: number }

/** Nats, means over the images: elbo = reconstruction - kl. standardError: of elbo; 0 where no draw was made, none for one draw. */
export interface Elbo {
  elbo: number;
  standardError: number | undefined;
  reconstruction: number;
  kl: number;
  klPerLatent: Float32Array;
}

/**
 * The estimators of log p(x). `exact` (in closed form or as a finite sum) and `quadrature` (two latents) are off by less than
 * 0.005 nats and take no samples. The others draw: from the encoder (`importance`), from the prior (`naive`), or by chains
 * from the prior to the posterior (`annealed`).
 */
export type Estimator = "importance" | "naive" | "annealed" | "quadrature" | "exact";

export interface LogLikelihoodOptions {
  estimator: Estimator;
  samples?: number;
  seed?: number;
}

/**
 * Nats, mean over the images. `tolerance` is an upper limit of the error of an exact value, and undefined for an estimate from
 * draws; `decoderEvaluations` is the cost of all images, in decoded codes.
 */
export interface LogLikelihood {
  logLikelihood: number;
  standardError: number;
  effectiveSamples: number;
  tolerance: number | undefined;
  decoderEvaluations: number;
}

/**
 * Which estimator runs; `k`, the draws in a group of "iwae" (5 by default); temperatures and leapfrogs of the annealed chains.
 */
export interface StreamOptions {
  estimator: "naive" | "importance" | "iwae" | "annealed" | "reverse-annealed";
  seed?: number;
  k?: number;
  temperatures?: number;
  leapfrogs?: number;
}

/** Chains on a posterior; `kernel` is "hmc" by default. */
export interface ChainOptions {
  kernel?: "random-walk" | "independence" | "pcn" | "hmc";
  chains?: number;
  warmUp?: number;
  draws?: number;
  start?: "encoder" | "prior";
  seed?: number;
}

/**
 * latents draws×chains×K; the share of accepted proposals; the size of the moves that the warm-up found; for each latent, split
 * R-hat (1 when the chains agree) and the effective sample size.
 */
export interface PosteriorDraws {
  latents: Float32Array;
  acceptance: number;
  scale?: number;
  rHat: Float64Array;
  effectiveSamples: Float64Array;
}

/** The best diagonal Gaussian for one image; its bound and the encoder's from the same draws, nats. */
export interface BestGaussian {
  mean: Float32Array;
  logVar: Float32Array;
  elbo: number;
  encoderElbo: number;
  standardError: number;
}

/**
 * y = A x + noise. A keeps the pixels where `mask` is not 0, or the means of blocks of `average` pixels a side. The noise flips
 * each pixel with a probability (`flips`) or adds Gaussian noise of a standard deviation (`gaussian`).
 */
export type Degradation =
  | { mask: ArrayLike<number>; flips?: number; gaussian?: never }
  | { mask: ArrayLike<number>; gaussian: number; flips?: never }
  | { average: 2 | 4; gaussian?: number };

/**
 * The mean E[x|y], 784, and draws from p(x|y): latents n×K, probabilities and pixels n×784. With two latents log p(y) and its
 * tolerance, nats; otherwise the diagnostics of the chains, for the latent where they agree least.
 */
export type Repaired = Samples & { mean: Float32Array } & (
    | ({ logLikelihood: number; tolerance: number } & PlaneDensity)
    | { acceptance: number; rHat: number; effectiveSamples: number }
  );

/** A repair by chains after so many steps of the total; `repaired` once there is a draw after the warm-up. */
export interface RepairStage {
  steps: number;
  warmUp: number;
  total: number;
  repaired?: Repaired;
}

/** Every option may be left out; see `trainParameters()` for ranges and defaults. */
export interface TrainOptions {
  learningRate?: number;
  decaySteps?: number;
  batchSize?: number;
  optimiser?: "adam" | "sgd";
  objective?: "elbo" | "iwae" | "dreg" | "wae" | "tc" | "exact";
  draws?: number;
  labelled?: number;
  labelDropout?: number;
  classWeight?: number;
  mmdWeight?: number;
  minibatch?: "weighted" | "stratified";
  beta?: number;
  warmupSteps?: number;
  freeBits?: number;
  binarization?: "as-model" | "grey" | "static" | "dynamic";
  corruption?: number;
  firstImage?: "mean" | "noise";
  seed?: number;
}

/** Means over the steps taken, nats per image. */
export interface StepReport {
  step: number;
  epoch: number;
  loss: number;
  elbo: number;
  reconstruction: number;
  kl: number;
  learningRate: number;
  images: number;
  imagesPerSecond: number;
  /** Numbers stopped being finite: the run went back to its last good state and halved the learning rate. */
  recovered: boolean;
}

/**
 * How fast the loss changes as these weights move in one direction, nats for a step of length 1: by the gradient that
 * training follows, and by the loss at weights moved forwards and backwards.
 */
export interface Slope { weights: string; byGradient: number; byDifferences: number }

/** A data set known by its checksums. */
export type PublishedSet =
  | "MNIST" | "Fashion-MNIST" | "KMNIST"
  | "EMNIST ByClass" | "EMNIST ByMerge" | "EMNIST Balanced" | "EMNIST Letters" | "EMNIST Digits" | "EMNIST MNIST";

/** A file known by its checksum. */
export interface PublishedIdx {
  set: PublishedSet;
  part: "train" | "test";
  items: "images" | "labels";
}

/** An IDX file, and what it is called. */
export interface NamedIdx { name: string; bytes: Uint8Array }

/** Data files that belong together, as IDX files: those given, or made of what came in another format. */
export interface FileInspection {
  images: Uint8Array;
  labels: Uint8Array | undefined;
  testImages: Uint8Array | undefined;
  testLabels: Uint8Array | undefined;
  /** Images to train with, and to test with (0 without any). */
  count: number;
  testCount: number;
  /** The published data set that all of them belong to, found by checksums. */
  set: PublishedSet | undefined;
  /** Rows and columns are to be exchanged: it is a set of EMNIST, by checksum or name. */
  transposed: boolean;
  /** The images look like dark ink on white paper. */
  inverted: boolean;
  /** The first images to train with, at most ten, n×784, as they are stored. */
  first: Float32Array;
  /** Why labels were left out although the images can be used. */
  unusableLabels: string | undefined;
}

export interface StrokeDigit {
  points: Float32Array;
  strokeLengths: Uint32Array;
  penWidth: number;
  label: number;
  pixels: Float32Array;
}

/**
 * What a stroke digit is made from: slant -0.6 to 0.9, rotation -0.4 to 0.4 radians, thickness 1.4 to 4.5 pixels, aspect 0.6
 * to 2.2, curvature -1 to 1, loopSize 0.5 to 1.5, jitter 0 (a steady hand) to 0.06.
 */
export interface StrokeFactors {
  class: number;
  variant: number;
  slant: number;
  rotation: number;
  thickness: number;
  aspect: number;
  curvature: number;
  loopSize: number;
  jitter: number;
}

/** pixels n×784, grey; factors n×F, in the order of `names`. */
export interface FactoredDigits { names: string[]; pixels: Float32Array; factors: Float64Array }

/**
 * Nats: matrix K×F, the entropy of each of the F factors, and the gap (MIG): the mean over factors of how far the latent
 * that tells most of it is ahead of the next, as a share of the factor's entropy.
 */
export interface MutualInformation { matrix: Float64Array; entropies: Float64Array; gap: number }

/**
 * The exact posterior of one image: log p(x), nats, off by less than `tolerance`; and p(z|x) on a square round its mass,
 * resolution² densities, rows of rising z2, in each of them rising z1.
 */
export interface GridPosterior extends PlaneDensity {
  logLikelihood: number;
  tolerance: number;
  decoderEvaluations: number;
}

/** A density of two latents on a square, resolution² values, rows of rising z2, in each of them rising z1. */
export interface PlaneDensity {
  density: Float32Array;
  resolution: number;
  centre: [number, number];
  halfWidth: number;
}

/**
 * A partly known image: log p(known pixels), nats, off by less than `tolerance` where there is one; `mean`, the probability of
 * ink of each pixel, the known ones included; the modes of p(z|known pixels) with their probabilities and decoded images, the
 * most probable first; and that density.
 */
export interface BeliefPicture extends PlaneDensity {
  logEvidence: number;
  tolerance: number | undefined;
  mean: Float32Array;
  /** modes×2 */
  modes: Float32Array;
  probabilities: Float32Array;
  /** modes×784 */
  images: Float32Array;
}

/** Which of the package's builds this is. */
export type Build = "simd128" | "relaxed-simd" | "relaxed-simd+threads";

/**
 * Every error thrown has a `code`. `not-loaded`: `init` has not ended. `freed`: the object was freed. `busy`: another call uses
 * the object. `panic`: a defect, after which the module must be loaded anew.
 */
export type ErrorCode =
  | "invalid-argument" | "shape" | "data" | "checkpoint" | "unknown-model"
  | "unsupported" | "non-finite" | "tensor" | "panic" | "not-loaded" | "freed" | "busy";
"#;
