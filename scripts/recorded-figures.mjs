// Records what the command line says of stroke digits, for the page to check a browser against
// (www/page/check/recorded.json). Anew, after a change that is meant to change these numbers:
//   cargo build --features cli && node scripts/recorded-figures.mjs
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import prettier from 'prettier';

const root = join(import.meta.dirname, '..');
export const program = join(root, process.env.CARGO_TARGET_DIR ?? 'target', 'debug', 'latent-canvas');
export const record = join(root, 'www/page/check/recorded.json');

const MODEL = 'mnist-2d';
/** The seed of the test digits that the command line calls "strokes". */
const DIGITS = { seed: 2, count: 8 };
const SEED = 1;

/** The numbers of a tensor of 32 bits in a safetensors file. */
function tensor(file, name) {
  const bytes = readFileSync(file);
  const header = Number(bytes.readBigUInt64LE(0));
  const { dtype, data_offsets: place } = JSON.parse(bytes.subarray(8, 8 + header).toString())[name];
  if (dtype !== 'F32') throw new Error(`${name} is of the type ${dtype}`);
  const [from, to] = place.map((offset) => 8 + header + offset);
  return Array.from({ length: (to - from) / 4 }, (_, at) => bytes.readFloatLE(from + 4 * at));
}

/** What the command line says now. */
export function figures() {
  const model = join(root, 'www/public/models', `${MODEL}.safetensors`);
  const run = (...parts) => execFileSync(program, parts, { encoding: 'utf8' });
  const told = run(
    ...['eval', model, '--data', 'strokes', '--limit', String(DIGITS.count), '--binarization', 'grey'],
    ...['--estimator', 'quadrature', '--seed', String(SEED), '--each', '--json'],
  );
  const { elbo, reconstruction, kl, logLikelihoods } = JSON.parse(told);
  const folder = mkdtempSync(join(tmpdir(), 'latent-canvas-'));
  try {
    const file = join(folder, 'codes.safetensors');
    run('codes', model, '--data', 'strokes', '--count', String(DIGITS.count), '--out', file);
    const codes = tensor(file, 'mean');
    return { model: MODEL, digits: DIGITS, seed: SEED, codes, elbo, reconstruction, kl, logLikelihoods };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (process.argv[1] === import.meta.filename) {
  const options = await prettier.resolveConfig(record);
  const text = await prettier.format(JSON.stringify(figures()), { ...options, parser: 'json' });
  writeFileSync(record, text);
}
