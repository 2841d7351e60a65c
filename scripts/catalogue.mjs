// Brings the catalogue (www/public/models/index.json) and the README's table up to date with what the
// shipped files themselves say: size, latents, data, seed and measured figures come from each file.
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const folder = join(root, 'www/public/models');
const readme = join(root, 'README.md');
const ESTIMATORS = {
  quadrature: () => 'exact integration',
  importance: ({ samples }) => `${samples} importance samples`,
  exact: () => 'closed form',
};

const PIXELS = { grey: 'grey', static: 'black or white', dynamic: 'black or white' };

/** The JSON metadata of a safetensors file. */
function metadata(file) {
  const bytes = readFileSync(file);
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, 8 + length).toString('utf8'));
  return Object.fromEntries(
    Object.entries(header.__metadata__).map(([key, text]) => [key, JSON.parse(text)]),
  );
}

/** The figures that a file has of itself, by their names in the catalogue; most models have not all of them. */
function figures({
  nll,
  nllGivenClass,
  nllImages,
  estimator,
  samples,
  elbo,
  reconstruction,
  binarization,
  quality,
  classError,
  latents,
  testLogLikelihood: digits,
}) {
  const rounded = (value, digits) =>
    value === undefined || value === null ? undefined : Number(value.toFixed(digits));
  return {
    nll: rounded(nll, 2),
    nllEstimator: ESTIMATORS[estimator]?.({ samples }),
    // Of a model that is told classes: with the class of each image given; nll sums over the classes.
    nllGivenClass: rounded(nllGivenClass, 2),
    // How many test images both were measured on, if not on all.
    nllImages,
    // A model without likelihood has no bound on it; one that knows it needs none.
    elbo: rounded(nll && estimator !== 'exact' ? elbo : undefined, 2),
    reconstruction: rounded(reconstruction, 2),
    pixels: PIXELS[binarization],
    testLogLikelihood: digits && {
      median: rounded(digits.median, 1),
      low: rounded(digits.low, 1),
      high: rounded(digits.high, 1),
      pixels: digits.pixels,
      images: digits.images,
    },
    frechet: rounded(quality?.frechet, 1),
    density: rounded(quality?.density, 2),
    coverage: rounded(quality?.coverage, 2),
    accuracyByClass: rounded(quality?.conditionalAccuracy, 3),
    classError: rounded(classError, 4),
    mutualInformationGap: rounded(latents?.factors?.mig, 3),
  };
}

/** What storing the weights in 8 bits cost, if they are stored so: nats a test image. */
function cost({ quantised, metrics }) {
  return quantised && Number((metrics.nll - quantised.nllBefore).toFixed(2));
}

const catalogue = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8'));
catalogue.models = catalogue.models.map(({ id, label, description, series, file, codes, command }) => {
  const { spec, provenance } = metadata(join(folder, file));
  return {
    id,
    label,
    description,
    // Models that differ in one option: which, and its value.
    series,
    beta: series === 'beta' ? provenance.options.beta : undefined,
    file,
    codes,
    // Of every model that gives images a probability.
    likelihoods: existsSync(join(folder, `${id}.likelihoods.json`)) ? `${id}.likelihoods.json` : undefined,
    command,
    bytes: statSync(join(folder, file)).size,
    latents: spec.latents,
    data: provenance.data,
    seed: provenance.seed,
    // Of weights in 8 bits: by how many nats a digit log p(x) of the same test images was higher before.
    quantisationNats: cost(provenance),
    ...figures(provenance.metrics),
  };
});
writeFileSync(join(folder, 'index.json'), `${JSON.stringify(catalogue, null, 2)}\n`);

const shown = (value, digits) => (value === undefined ? '' : value.toFixed(digits));
const head = [
  'model',
  'latents',
  'trained on',
  'pixels',
  'size',
  'NLL',
  'ELBO',
  'estimator of the NLL',
  'Fréchet',
  'density / coverage',
];
const rows = catalogue.models.map((model) => [
  `\`${model.id}\``,
  model.latents,
  model.data,
  model.pixels,
  `${(model.bytes / 1e6).toFixed(2)} MB`,
  model.nllGivenClass === undefined
    ? shown(model.nll, 2)
    : `${shown(model.nll, 2)}; ${shown(model.nllGivenClass, 2)} with the class given`,
  shown(model.elbo, 2),
  [model.nllEstimator, model.nllImages && `the first ${model.nllImages} test images`]
    .filter(Boolean)
    .join(', '),
  shown(model.frechet, 1),
  model.density === undefined ? '' : `${shown(model.density, 2)} / ${shown(model.coverage, 2)}`,
]);
const line = (cells) => `| ${cells.join(' | ')} |`;
const table = [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
const text = readFileSync(readme, 'utf8');
const marks = /(<!-- models:[^>]*-->\n)[\s\S]*?(\n<!-- end of models -->)/;
writeFileSync(readme, text.replace(marks, `$1\n${table}\n$2`));
