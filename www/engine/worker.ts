/** A worker: keeps the engine's objects under names, converts, calls, returns. The only importer of the package. */

import * as Comlink from 'comlink';

import type {
  Belief,
  Dataset,
  EstimatorStream,
  LatentGrid,
  Model,
  Projection,
  Refinement,
  Repairing,
  Trainer,
  Walkers,
} from '../../pkg/latent_canvas.js';
import { loadPackage, loadViewer } from './builds';
import { deferred } from './deferred';
import { toMessage, transferables } from './messages';
import type * as Protocol from './protocol';
import { isViewing, PIXELS, roleOf, threadsOf } from './protocol';
import { Single, Table } from './table';

const loadAll = (): ReturnType<typeof loadPackage> => loadPackage(threadsOf(self.name));

/** Whether the engine is the viewer. */
let viewing = isViewing(roleOf(self.name));
/** Set before the first call is answered. */
let engine!: Awaited<ReturnType<typeof loadPackage>>;
let loading: Promise<void> | undefined;

/** The viewer's module from another worker; it says so where there is none. */
const given = deferred<WebAssembly.Module | undefined>();
/** The same, wherever it came from. */
const compiled = deferred<WebAssembly.Module | undefined>();

/** Loads the engine, once; a call that comes after that has failed tries again. */
function ready(): Promise<void> {
  loading ??= (viewing ? loadViewer(given.promise, compiled.resolve) : loadAll())
    .then((loaded) => {
      engine = loaded;
    })
    .catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
  return loading;
}

/** Of digits. */
const CLASSES = 10;

/** A few milliseconds of work. */
const ROOFLINE_ROUNDS = 1_000_000;

const models = new Table<Model>('model');
const datasets = new Table<Dataset>('data set');
const trainers = new Table<Trainer>('trainer');
const projections = new Table<Projection>('projection');
const streams = new Table<EstimatorStream>('estimator');
const walks = new Table<Walkers>('walk');
const climbs = new Table<Refinement>('climb');
const repairs = new Table<Repairing>('repair');

/** What the exact posteriors of a model start from: ten megabytes. */
const grids = new Single<LatentGrid>((key) => new engine.LatentGrid(models.get(key)));
/** What the beliefs about partly known images start from: thirty megabytes. */
const beliefs = new Single<Belief>((key) => new engine.Belief(models.get(key)));

/** An answer with the time that it took. */
function timed<T extends object>(compute: () => T): T & { milliseconds: number } {
  const start = performance.now();
  const answer = compute();
  return { ...answer, milliseconds: performance.now() - start };
}

let completion: Promise<void> | undefined;

/** Goes over to the whole package and takes the models along: each package's objects are its own. */
function complete(): Promise<void> {
  completion ??= loadAll()
    .then((whole) => {
      const moved = models.entries.map(([key, model]) => [key, whole.Model.load(model.save())] as const);
      grids.forget();
      beliefs.forget();
      for (const [key, model] of moved) models.set(key, model);
      engine = whole;
      families = undefined;
      viewing = false;
    })
    .catch((error: unknown) => {
      completion = undefined;
      throw error;
    });
  return completion;
}

function keepModel(key: string, model: Model): Protocol.ModelInfo {
  grids.forget(key);
  beliefs.forget(key);
  return describeModel(models.set(key, model));
}

let families: Protocol.ModelFamily[] | undefined;

function modelFamilies(): Protocol.ModelFamily[] {
  return (families ??= engine.modelFamilies() as Protocol.ModelFamily[]);
}

function describeModel(model: Model): Protocol.ModelInfo {
  return {
    spec: model.spec() as Protocol.ModelSpec,
    capabilities: model.capabilities(),
    prior: model.priorKind(),
    approximatePosterior: model.approximatePosterior(),
    binaryPixels: model.binaryPixels,
    latents: model.latents,
    estimators: model.estimators(),
    provenance: model.provenance(),
  };
}

function asGiven(pixels: Float32Array, binarization: Protocol.Binarization): Float32Array {
  return binarization === 'binary' ? pixels.map((value) => (value >= 0.5 ? 1 : 0)) : pixels;
}

function describeDataset(dataset: Dataset): Protocol.DatasetInfo {
  return { size: dataset.size, labelled: dataset.labels(0, 1) !== undefined };
}

function describeStream(
  stream: EstimatorStream,
  estimate: Protocol.LogLikelihood | undefined,
): Protocol.StreamReport {
  const { decoderEvaluations, startsAtPosterior } = stream;
  return { estimate, decoderEvaluations, startsAtPosterior };
}

function describeTrainer(trainer: Trainer): Protocol.TrainerInfo {
  const model = trainer.model();
  try {
    const options = trainer.options() as unknown as Protocol.TrainOptions;
    const { steps, flopsPerImage } = trainer;
    return { ...describeModel(model), steps, options, flopsPerImage };
  } finally {
    model.free();
  }
}

function climbed(climb: Refinement, draws: number): Protocol.Climbed {
  return { ...climb.reached(draws), steps: climb.steps, length: climb.length };
}

/** Asks the model that is told the class of every image. */
function ofClass<T>(model: Model, label: number, ask: (given: Model) => T): T {
  const given = model.given(label);
  try {
    return ask(given);
  } finally {
    given.free();
  }
}

const api: Protocol.EngineApi = {
  ping: () => undefined,
  build: () => ({ name: engine.buildName(), threads: engine.threadCount() }),
  // Asked to start again, an engine gives what it has exported.
  memory: async () => (await engine.default()).memory.buffer.byteLength,
  roofline(milliseconds) {
    const start = performance.now();
    let operations = 0;
    do operations += engine.roofline(ROOFLINE_ROUNDS);
    while (performance.now() < start + milliseconds);
    return operations / (performance.now() - start) / 1e6;
  },

  modelFamilies,
  trainParameters: () => engine.trainParameters() as Protocol.ParameterSpec[],
  randomSeed: () => engine.randomSeed(),

  loadModel: (key, bytes) => keepModel(key, engine.Model.load(bytes)),
  createModel: (key, spec, seed) => keepModel(key, new engine.Model(spec, seed)),
  saveModel: (key) => models.get(key).save(),
  saveModelOfClass(key, label) {
    const given = models.get(key).given(label);
    try {
      return given.save();
    } finally {
      given.free();
    }
  },
  releaseModel(key) {
    grids.forget(key);
    beliefs.forget(key);
    models.delete(key);
  },

  normalizeStrokes: ({ points, strokeLengths, penWidth }) =>
    engine.normalizeStrokes(points, strokeLengths, penWidth),
  strokeDigit: (seed, index, label) => engine.strokeDigit(seed, index, label) as Protocol.StrokeDigit,
  writeDigit: (factors, seed) => engine.writeDigit(factors, seed),
  factoredDigits: (seed, from, count) => engine.factoredDigits(seed, from, count),
  perceive(key, { points, strokeLengths, penWidth }, { binarization, samples, seed }) {
    const model = models.get(key);
    const seen = engine.normalizeStrokes(points, strokeLengths, penWidth);
    const input = asGiven(seen, binarization);
    const { mean, logVar } = model.encode(input);
    return {
      empty: !seen.some((value) => value > 0),
      seen,
      input,
      mean,
      logVar,
      reconstruction: model.decode(mean),
      bound: model.elbo(input, { seed, samples }),
    };
  },

  encode: (key, pixels) => models.get(key).encode(pixels),
  classify: (key, pixels) => models.get(key).classify(pixels),
  inEveryClass(key, pixels, label) {
    const model = models.get(key);
    const code = ofClass(model, label, (given) => given.encode(pixels).mean);
    const probabilities = new Float32Array(CLASSES * PIXELS);
    for (let each = 0; each < CLASSES; each += 1) {
      probabilities.set(
        ofClass(model, each, (given) => given.decode(code)),
        each * PIXELS,
      );
    }
    return { code, probabilities };
  },
  mutualInformation: (codes, latents, factors, factorCount) =>
    engine.mutualInformation(codes, latents, factors, factorCount),
  classifyDataset: (key, dataset, count) => models.get(key).classify(datasets.get(dataset).images(0, count)),
  drawCodes: (key, pixels, count, seed) => models.get(key).drawCodes(pixels, count, seed),
  encodeDataset(key, dataset, count) {
    const model = models.get(key);
    const images = datasets.get(dataset).images(0, count);
    return model.encode(asGiven(images, model.binaryPixels ? 'binary' : 'grey'));
  },
  decode: (key, latents) => models.get(key).decode(latents),
  sample: (key, count, options) => models.get(key).sample(count, options),
  logPrior: (key, latents) => models.get(key).logPrior(latents),
  interpolate: (key, a, b, steps, path) => models.get(key).interpolate(a, b, steps, path),
  elbo: (key, pixels, options) => models.get(key).elbo(pixels, options),
  logLikelihood: (key, pixels, options) => models.get(key).logLikelihood(pixels, options),

  logLikelihoods: (key, pixels, options) =>
    options.estimator === 'quadrature'
      ? grids.of(key).logLikelihoods(pixels)
      : models.get(key).logLikelihoods(pixels, options),

  startStream(key, model, pixels, options) {
    const stream = new engine.EstimatorStream(models.get(model), pixels, options);
    return describeStream(streams.set(key, stream), undefined);
  },
  advanceStream(key, draws) {
    const stream = streams.get(key);
    return describeStream(stream, stream.advance(draws));
  },
  releaseStream: (key) => streams.delete(key),

  posterior: (key, pixels) => grids.of(key).posterior(pixels),

  partialPosterior: (key, pixels, mask) => models.get(key).partialPosterior(pixels, mask),

  logJoint: (key, pixels, latents, mask) => models.get(key).logJoint(pixels, latents, mask),
  meanGradients: (key, pixels, { mean, logVar }, options) =>
    models.get(key).meanGradients(pixels, mean, logVar, options),

  createWalk: (key, model, pixels, options) =>
    walks.set(key, new engine.Walkers(models.get(model), pixels, options)).places(),
  advanceWalk: (key, steps) => walks.get(key).advance(steps),
  diagnoseWalk: (key, lags) => walks.get(key).diagnose(lags),
  releaseWalk: (key) => walks.delete(key),

  createClimb(key, model, pixels, seed, start) {
    const climb = climbs.set(key, new engine.Refinement(models.get(model), pixels, seed, start));
    return climbed(climb, 200);
  },
  advanceClimb(key, steps, draws) {
    const climb = climbs.get(key);
    climb.advance(steps);
    return climbed(climb, draws);
  },
  releaseClimb: (key) => climbs.delete(key),

  believe: (key, seen) => timed(() => beliefs.of(key).look(seen)),
  believeInk(key, { points, strokeLengths, penWidth }) {
    const ink = engine.rasterizeStrokes(points, strokeLengths, penWidth);
    const seen = Uint8Array.from(ink, (share) => (share >= 0.5 ? 1 : 2));
    return { ...timed(() => beliefs.of(key).look(seen)), seen };
  },
  settleBelief: (key) => timed(() => beliefs.of(key).settle()),
  degrade: (pixels, degradation, seed) => engine.degrade(pixels, degradation, seed),
  repair: (key, observed, degradation, completions, options) =>
    models.get(key).repair(observed, degradation, completions, options),
  createRepair(key, model, observed, degradation, completions, options) {
    const { Repairing } = engine;
    repairs.set(key, new Repairing(models.get(model), observed, degradation, completions, options));
  },
  advanceRepair: (key, steps) => repairs.get(key).advance(steps),
  releaseRepair: (key) => repairs.delete(key),
  repairByAlternation: (key, observed, degradation, rounds, runs, seed) =>
    models.get(key).repairByAlternation(observed, degradation, rounds, runs, seed),

  fitProjection: (key, codes, latents) =>
    projections.set(key, engine.Projection.fit(codes, latents)).explained,
  project: (key, codes) => projections.get(key).project(codes),
  lift: (key, points) => projections.get(key).lift(points),

  strokesDataset: (key, count, seed) =>
    describeDataset(datasets.set(key, engine.Dataset.strokes(count, seed))),
  endlessDataset: (key, count, seed) =>
    describeDataset(datasets.set(key, engine.Dataset.endlessStrokes(count, seed))),
  inspectFiles: (names, files) => engine.inspectFiles(names, files),
  greyPicture: (name, rgba, width, height) => engine.greyPicture(name, rgba, width, height),
  picturesAsIdx: (paths, greys) => engine.picturesAsIdx(paths, greys),
  publishedIdx: (bytes) => engine.publishedIdx(bytes),
  idxDataset: (key, images, labels, transposed, inverted) =>
    describeDataset(datasets.set(key, engine.Dataset.fromIdx(images, labels, transposed, inverted))),
  setAside(key, heldOut) {
    const aside = datasets.set(heldOut, datasets.get(key).setAside());
    return { train: describeDataset(datasets.get(key)), heldOut: describeDataset(aside) };
  },
  pixelsDataset: (key, pixels, labels) =>
    describeDataset(datasets.set(key, engine.Dataset.fromPixels(pixels, labels))),
  concatenatedDataset: (key, first, second) =>
    describeDataset(datasets.set(key, engine.Dataset.concatenate(datasets.get(first), datasets.get(second)))),
  datasetLabels: (key, from, count) => datasets.get(key).labels(from, count),
  releaseDataset: (key) => datasets.delete(key),

  createTrainer: (key, model, dataset, options) =>
    describeTrainer(trainers.set(key, new engine.Trainer(models.get(model), datasets.get(dataset), options))),
  resumeTrainer: (key, bytes, dataset) =>
    describeTrainer(trainers.set(key, engine.Trainer.resume(bytes, datasets.get(dataset)))),
  train(key, milliseconds, maximumSteps) {
    const trainer = trainers.get(key);
    const reports: Protocol.StepReport[] = [];
    const end = performance.now() + milliseconds;
    do {
      const report = trainer.advance();
      if (report) reports.push(report);
    } while (reports.length < maximumSteps && performance.now() < end);
    return reports;
  },
  slopes: (key) => trainers.get(key).slopes(),
  setLearningRate: (key, rate) => trainers.get(key).setLearningRate(rate),
  evaluate: (key, dataset, count) => trainers.get(key).evaluate(datasets.get(dataset), count),
  snapshotModel: (key, model) => keepModel(model, trainers.get(key).model()),
  saveTrainer: (key) => trainers.get(key).save(),
  releaseTrainer: (key) => trainers.delete(key),
};

/** The answer of the viewer, or of the whole package where the viewer knows no such family. */
async function answer(call: () => unknown): Promise<unknown> {
  try {
    return call();
  } catch (error) {
    if (!viewing || toMessage(error).code !== 'unknown-model') throw error;
    await complete();
    return call();
  }
}

/** Waits for the wasm, then answers; what throws, throws plain data. */
function guard(call: (...parameters: never[]) => unknown): (...parameters: never[]) => Promise<unknown> {
  return async (...parameters: never[]): Promise<unknown> => {
    try {
      await ready();
      const result = await answer(() => call(...parameters));
      return result && typeof result === 'object' ? Comlink.transfer(result, transferables(result)) : result;
    } catch (error) {
      throw toMessage(error);
    }
  };
}

// The engine is on its way before anyone asks for anything.
ready().catch(() => undefined);
const calls = Object.fromEntries(Object.entries(api).map(([name, call]) => [name, guard(call)]));
// These do not wait for the engine.
calls.giveViewer = (module?: WebAssembly.Module) => {
  given.resolve(module);
  return Promise.resolve();
};
calls.viewer = () => compiled.promise;
Comlink.expose(calls);
