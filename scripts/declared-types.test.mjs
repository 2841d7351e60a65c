// The package's types are written by hand, beside the Rust code that makes what they describe. Here the reports
// themselves are held against them: a field that is missing, left over or of another type is an error.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import ts from 'typescript';
import * as engine from '../pkg/latent_canvas.js';

engine.initSync({ module: readFileSync('pkg/latent_canvas_bg.wasm') });

/** A value as TypeScript writes it; of a typed array only its type matters. */
function literal(value) {
  if (ArrayBuffer.isView(value)) return `new ${value.constructor.name}(${value.length})`;
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (value !== null && typeof value === 'object') {
    const fields = Object.entries(value).map(([name, field]) => `${JSON.stringify(name)}: ${literal(field)}`);
    return `{ ${fields.join(', ')} }`;
  }
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

/** What TypeScript says against values of declared types, given as pairs of a type and a value. */
function faults(pairs) {
  const file = resolve('pkg', 'reports.ts');
  const lines = pairs.map(([type, value], at) => `export const v${at}: ${type} = ${literal(value)};`);
  const source = `import type * as P from './latent_canvas.js';\n${lines.join('\n')}\n`;
  const options = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (name) => name === file || fileExists(name);
  host.getSourceFile = (name, version, ...rest) =>
    name === file ? ts.createSourceFile(name, source, version) : getSourceFile(name, version, ...rest);
  const program = ts.createProgram([file], options, host);
  const found = [...program.getSyntacticDiagnostics(), ...program.getSemanticDiagnostics()];
  return found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

/** A file of images, all grey. */
function idxImages(count) {
  const header = Buffer.alloc(16);
  [0x803, count, 28, 28].forEach((number, at) => header.writeUInt32BE(number, 4 * at));
  return Buffer.concat([header, Buffer.alloc(count * 784, 9)]);
}

function reports() {
  const digits = engine.Dataset.strokes(60, 7);
  const image = digits.images(3, 1).map((value) => (value >= 0.5 ? 1 : 0));
  const model = new engine.Model({ model: 'vae', latents: 2, hidden: [8] }, 5);
  const larger = new engine.Model({ model: 'vae', latents: 3, hidden: [8] }, 5);
  const trainer = new engine.Trainer(model, digits, { batchSize: 20 });
  const { mean } = model.encode(digits.images(0, 2));
  const mask = Array.from({ length: 784 }, (_, pixel) => (pixel < 392 ? 1 : 0));
  const upper = engine.degrade(image, { mask }, 1);
  const chains = { chains: 2, warmUp: 10, draws: 10, seed: 1 };
  const walkers = new engine.Walkers(model, image, { seed: 1, chains: 2, warmUp: 5, kernel: 'hmc' });
  const belief = new engine.Belief(model);
  const known = new Uint8Array(784).fill(2);
  const climb = new engine.Refinement(model, image, 1);
  climb.advance(2);
  return [
    ['P.ModelFamily[]', engine.modelFamilies()],
    ['P.ParameterSpec[]', engine.trainParameters()],
    ['P.ModelSpec', model.spec()],
    ['P.Capabilities', model.capabilities()],
    ['P.PriorKind', model.priorKind()],
    ['P.ApproximatePosterior', model.approximatePosterior()],
    ['P.Estimator[]', model.estimators()],
    ['P.Codes', model.encode(image)],
    ['P.LabelledSamples', model.sample(2, { seed: 1 })],
    ['P.Interpolation', model.interpolate(mean.slice(0, 2), mean.slice(2), 3, 'linear')],
    ['P.Elbo', model.elbo(image, { seed: 1, samples: 2 })],
    ['P.LogLikelihood', model.logLikelihood(image, { estimator: 'importance', samples: 5, seed: 1 })],
    ['P.LogLikelihood', model.logLikelihood(image, { estimator: 'quadrature' })],
    ['P.GridPosterior', new engine.LatentGrid(model).posterior(image)],
    ['P.PosteriorDraws', model.samplePosterior(image, chains)],
    ['P.BestGaussian', model.bestGaussian(image, 1)],
    ['P.BestGaussian', climb.reached(10)],
    ['P.MeanGradients', model.meanGradients(image, mean.slice(0, 2), new Float32Array(2), { draws: 3 })],
    ['P.Repaired', model.repair(upper, { mask }, 2, chains)],
    ['P.Repaired', larger.repair(upper, { mask }, 2, chains)],
    ['P.WalkSteps', walkers.advance(8)],
    ['P.WalkDiagnosis', walkers.diagnose(2)],
    ['P.BeliefPicture', belief.look(known)],
    ['P.BeliefPicture', belief.settle()],
    ['P.StepReport', trainer.step(1)],
    ['P.Slope[]', trainer.slopes()],
    ['Required<P.TrainOptions>', trainer.options()],
    ['P.FileInspection', engine.inspectFiles(['digits-images'], [new Uint8Array(idxImages(20))])],
    ['P.NamedIdx[]', engine.picturesAsIdx(['3/a.png'], new Uint8Array(784))],
    ['P.StrokeDigit', engine.strokeDigit(9, 1, 8)],
    ['P.Build', engine.buildName()],
  ];
}

test('what the package gives is of the types that it declares', () => {
  assert.deepEqual(faults(reports()), []);
});

test('a field too many, too few or of another type is found', () => {
  const codes = { mean: new Float32Array(2), logVar: new Float32Array(2) };
  assert.deepEqual(faults([['P.Codes', codes]]), []);
  for (const wrong of [{ ...codes, more: 1 }, { mean: codes.mean }, { ...codes, mean: [0, 0] }]) {
    assert.equal(faults([['P.Codes', wrong]]).length, 1);
  }
});
