/** Computes the first picture. Runs when the page is built, in Node. */

import type { Estimator, GridPosterior, ModelInfo } from '../engine/protocol';
import type { CatalogueEntry } from '../state/catalogue';
import { PEN_WIDTH, toSketch } from '../state/drawing.svelte';
import { COLUMNS, manifoldLatents } from '../state/lattice';
import { FIRST_MODEL, mapExtent } from '../state/model.svelte';
import { pack, unpack } from '../state/packed';
import { page } from '../state/page.svelte';
import { RESTED_ELBO_SAMPLES } from '../state/perception.svelte';
import { readCodes } from '../state/safetensors';
import { toStrokeData } from '../state/strokes';
import { FIRST_DIGIT } from './exampleDigits.svelte';
import type { FirstPicture } from './firstPicture';
import { reduced } from './smallTiles';

/** What is used of the package. */
type Engine = Pick<
  typeof import('../../pkg/viewer/latent_canvas.js'),
  'LatentGrid' | 'Model' | 'normalizeStrokes' | 'strokeDigit'
>;

/** Sixteen shades are enough for a faint backdrop. */
const BACKDROP_LEVELS = 15;

export function makeFirstPicture(
  engine: Engine,
  catalogue: readonly CatalogueEntry[],
  read: (file: string) => Uint8Array<ArrayBuffer>,
): FirstPicture {
  const entry = catalogue.find(({ id }) => id === FIRST_MODEL);
  if (!entry) throw new Error(`The catalogue has no model "${FIRST_MODEL}".`);
  const model = engine.Model.load(read(entry.file));
  const digit = engine.strokeDigit(page.seed, 0, FIRST_DIGIT);
  const sketch = { ...toSketch(digit), penWidth: PEN_WIDTH.default };
  const { points, strokeLengths, penWidth } = toStrokeData(sketch.strokes, sketch.penWidth);
  const seen = engine.normalizeStrokes(points, strokeLengths, penWidth);
  const input = seen.map((value) => (value >= 0.5 ? 1 : 0));
  const { mean, logVar } = model.encode(input);
  const bound = model.elbo(input, { seed: page.seed, samples: RESTED_ELBO_SAMPLES });
  const posterior = new engine.LatentGrid(model).posterior(input) as GridPosterior;
  const info: ModelInfo = {
    spec: model.spec(),
    capabilities: model.capabilities(),
    prior: model.priorKind(),
    approximatePosterior: model.approximatePosterior(),
    binaryPixels: model.binaryPixels,
    latents: model.latents,
    estimators: model.estimators() as Estimator[],
    provenance: model.provenance(),
  };
  const codes = readCodes(read(entry.codes));
  const { high, low } = inTwoBytes(codes.mean);
  const extent = mapExtent(codes, info.prior);
  return {
    lab: page.lab,
    model: entry.id,
    seed: page.seed,
    extent,
    catalogue,
    info,
    sketch,
    seen: pack(seen),
    input: pack(input, 1),
    reconstruction: pack(model.decode(mean)),
    mean: [...mean],
    logVar: [...logVar],
    bound: { ...bound, klPerLatent: [...bound.klPerLatent] },
    evidence: {
      value: posterior.logLikelihood,
      gap: posterior.logLikelihood - bound.elbo,
      method: 'quadrature',
      standardError: undefined,
      samples: undefined,
      tolerance: posterior.tolerance,
      settled: true,
    },
    posterior: {
      density: pack(posterior.density),
      resolution: posterior.resolution,
      centre: posterior.centre,
      halfWidth: posterior.halfWidth,
    },
    posteriorWork: posterior.decoderEvaluations,
    codes: { high, low, label: pack(codes.label, 9) },
    manifold: pack(reduced(model.decode(manifoldLatents(COLUMNS, extent))), BACKDROP_LEVELS),
  };
}

/** Numbers as a coarse part and a fine one. */
function inTwoBytes(values: Float32Array): Pick<FirstPicture['codes'], 'high' | 'low'> {
  const high = pack(values);
  const coarse = unpack(high);
  return { high, low: pack(values.map((value, at) => value - (coarse[at] ?? 0))) };
}
