// Measures this crate beside other engines, in one Chromium and natively; benches/README.md says how to
// read what it prints. `make bench` runs it; --help lists its options.
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { launch } from './browser.mjs';
import { buildAll } from './build.mjs';
import { choose } from './engines.mjs';
import { FEWEST_ROUNDS, measure } from './measure.mjs';
import { measureMemory } from './memory.mjs';
import { measureNatively } from './native.mjs';
import { here } from './places.mjs';
import { report } from './report.mjs';
import { serve } from './server.mjs';
import { works } from './works.js';

const ROUNDS = 12;
const HELP = `node benches/web/run.mjs [options]
  --rounds N       rounds of every engine and work (${ROUNDS}; medians want ${FEWEST_ROUNDS} or more)
  --only ID,ID     these engines only
  --works A,B      these works only
  --no-native      leave out what runs outside the browser
  --memory         also train ours for 10,000 steps and say how its memory grew`;

const say = (text) => console.error(text);
const list = (text) => text?.split(',').filter(Boolean);

function readOptions() {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: String(ROUNDS) },
      only: { type: 'string' },
      works: { type: 'string', default: Object.keys(works).join() },
      'no-native': { type: 'boolean', default: false },
      memory: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds is a whole number from 1 on.');
  const names = list(values.works);
  const unknown = names.filter((name) => !works[name]);
  if (unknown.length) throw new Error(`There is no work ${unknown.join()}.`);
  return { ...values, rounds, names, only: list(values.only) };
}

async function inTheBrowser({ only, names, rounds, memory }) {
  const { built, missing } = choose(only);
  const server = await serve();
  const browser = await launch(server.address);
  try {
    const opened = [];
    for (const engine of built) {
      say(`opening ${engine.label}`);
      try {
        opened.push({ engine, call: await browser.open(engine) });
      } catch (error) {
        // A half-built package is no reason to measure nothing else.
        missing.push(`${engine.label}: ${error.message.split('\n')[0]}`);
      }
    }
    const measured = await measure(opened, { names, rounds, say });
    const grown = [];
    const ours = opened.map(({ engine }) => engine).filter(({ driver }) => driver === 'ours');
    for (const engine of memory ? ours : []) {
      say(`10,000 steps of ${engine.label}`);
      grown.push(await measureMemory({ engine, call: await browser.open(engine) }, names[0]));
    }
    const sizes = new Map(built.map(({ id }) => [id, server.shipped(id)]));
    return { measured, missing, grown, version: browser.version, shipped: (id) => sizes.get(id) };
  } finally {
    await browser.close();
    server.close();
  }
}

async function main() {
  const options = readOptions();
  if (options.help) {
    console.log(HELP);
    return;
  }
  await buildAll();
  const { measured, missing, grown, version, shipped } = await inTheBrowser(options);
  const natively = options['no-native'] ? { native: [], missing: [] } : measureNatively(say);

  const command = ['node benches/web/run.mjs', ...process.argv.slice(2)].join(' ');
  const text = [
    '# What the engines measured',
    `${new Date().toISOString().slice(0, 10)}, Chromium ${version}, ${cpus().length} × ${cpus()[0].model}, by \`${command}\`. [How to read it](../README.md).`,
    report({
      measured,
      native: natively.native,
      missing: [...missing, ...natively.missing],
      names: options.names,
      shipped,
    }),
    ...grown,
  ].join('\n\n');
  const file = join(here, 'results.md');
  const formatted = await format(text, { ...(await resolveConfig(file)), parser: 'markdown' });
  writeFileSync(file, formatted);
  console.log(formatted);
}

try {
  await main();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
