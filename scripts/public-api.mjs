// The library's public items, as docs/public-api.txt keeps them: a change that breaks users is seen in it.
//
//   node scripts/public-api.mjs           compares
//   node scripts/public-api.mjs --write   writes the list anew
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

const VERSION = '0.52.0';
const LIST = 'docs/public-api.txt';

process.chdir(resolve(import.meta.dirname, '..'));
const run = (program, rest, environment = {}) =>
  execFileSync(program, rest, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 2 ** 27,
    env: { ...process.env, ...environment },
  });

run('scripts/cargo-tool.sh', ['cargo-public-api', VERSION, '0']);
// Only rustdoc may know its unstable switch: where cargo knows it, everything is built anew.
run(
  'cargo',
  [
    'rustdoc',
    '--locked',
    '--lib',
    '--features',
    'cli',
    '--',
    '-Z',
    'unstable-options',
    '--output-format',
    'json',
  ],
  {
    RUSTDOC: resolve('scripts/unstable-rustdoc.sh'),
  },
);
const found = run('.cache/tools/bin/cargo-public-api', [
  ...['public-api', '--rustdoc-json', 'target/doc/latent_canvas.json'],
  // Without what the compiler adds to every type.
  ...['--omit', 'blanket-impls,auto-trait-impls,auto-derived-impls'],
]);

if (process.argv.includes('--write')) {
  writeFileSync(LIST, found);
  console.log(`wrote ${LIST}`);
} else if (found === readFileSync(LIST, 'utf8')) {
  console.log(`the public items are those of ${LIST}`);
} else {
  const [now, kept] = [found, readFileSync(LIST, 'utf8')].map((list) => new Set(list.split('\n')));
  for (const item of kept) if (!now.has(item)) console.log(`- ${item}`);
  for (const item of now) if (!kept.has(item)) console.log(`+ ${item}`);
  console.log(`\nThe public items have changed. Where that is meant: node scripts/public-api.mjs --write`);
  process.exitCode = 1;
}
