// Brings the catalogue (www/public/models/index.json) and the README's table up to date with what the
// shipped files themselves say: size, latents, data, seed and measured figures come from each file.
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const folder = join(root, 'www/public/models');
const readme = join(root, 'README.md');
const ESTIMATORS = {
  quadrature: () => 'exact integration',
  importance: ({ samples }) => `${samples} importance samples`,
};

/** The JSON metadata of a safetensors file. */
function metadata(file) {
  const bytes = readFileSync(file);
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, 8 + length).toString('utf8'));
  return Object.fromEntries(
    Object.entries(header.__metadata__).map(([key, text]) => [key, JSON.parse(text)]),
  );
}

const catalogue = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8'));
for (const model of catalogue.models) {
  const file = join(folder, model.file);
  const { spec, provenance } = metadata(file);
  const { nll, estimator, elbo } = provenance.metrics;
  Object.assign(model, {
    bytes: statSync(file).size,
    latents: spec.latents,
    data: provenance.data,
    seed: provenance.seed,
    nll: Math.round(nll * 100) / 100,
    nllEstimator: ESTIMATORS[estimator](provenance.metrics),
    elbo: Math.round(elbo * 100) / 100,
  });
}
writeFileSync(join(folder, 'index.json'), `${JSON.stringify(catalogue, null, 2)}\n`);

const head = ['model', 'latents', 'trained on', 'size', 'NLL', 'ELBO', 'estimator of the NLL'];
const rows = catalogue.models.map((model) => [
  `\`${model.id}\``,
  model.latents,
  model.data,
  `${(model.bytes / 1e6).toFixed(2)} MB`,
  model.nll.toFixed(2),
  model.elbo.toFixed(2),
  model.nllEstimator,
]);
const line = (cells) => `| ${cells.join(' | ')} |`;
const table = [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
const text = readFileSync(readme, 'utf8');
const marks = /(<!-- models:[^>]*-->\n)[\s\S]*?(\n<!-- end of models -->)/;
writeFileSync(readme, text.replace(marks, `$1\n${table}\n$2`));
