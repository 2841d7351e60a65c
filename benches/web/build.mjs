// Builds what is measured beside ours: the packages of npm, the peers in Rust, and the pages' scripts.
// What has not changed is not built again.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { build as bundle } from 'esbuild';
import { drawDigits } from './digits.mjs';
import { built, here, peers, root, site } from './places.mjs';
import { onnxNetwork } from './onnx-network.mjs';
import { works } from './works.js';

const TARGET = 'wasm32-unknown-unknown';
/** Vector instructions, and where candle and burn take their noise from. */
const FLAGS = '-C target-feature=+simd128 --cfg getrandom_backend="wasm_js"';

const environment = {
  ...process.env,
  PATH: [join(root, '.cache/tools/bin'), process.env.PATH].join(delimiter),
};
const run = (command, parameters, options = {}) =>
  execFileSync(command, parameters, { cwd: here, env: environment, stdio: 'inherit', ...options });

const changed = (file) => (existsSync(file) ? statSync(file).mtimeMs : 0);

function installPackages() {
  const installed = join(here, 'node_modules/.package-lock.json');
  if (changed(installed) > changed(join(here, 'package-lock.json'))) return;
  // None of the packages needs a script of its own to run.
  run('npm', ['ci', '--ignore-scripts']);
}

/** One of the crates beside this file, as a package for the browser. */
function buildPeer(crate, library) {
  const target = join(built, 'target');
  run('cargo', ['build', '--release', '--locked', '--target', TARGET], {
    cwd: join(here, crate),
    env: { ...environment, RUSTFLAGS: FLAGS, CARGO_TARGET_DIR: target },
  });
  const wasm = join(target, TARGET, 'release', `${library}.wasm`);
  const folder = join(peers, crate);
  if (changed(join(folder, `${library}_bg.wasm`)) > changed(wasm)) return;
  run('wasm-bindgen', ['--target', 'web', '--no-typescript', '--out-dir', folder, wasm]);
}

async function buildSite() {
  const entries = readdirSync(join(here, 'engines')).map((file) => join('engines', file));
  await bundle({
    absWorkingDir: here,
    entryPoints: [...entries, 'page/page.js', 'page/worker.js'],
    entryNames: '[dir]/[name]',
    outbase: here,
    outdir: site,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'esnext',
    logLevel: 'warning',
  });
  cpSync(join(here, 'page/page.html'), join(site, 'page/page.html'));
  const { hidden, latents } = works.A;
  writeFileSync(join(site, 'network.onnx'), onnxNetwork(hidden, latents));
  writeFileSync(join(site, 'digits.f32'), await drawDigits());
}

export async function buildAll() {
  run(join(root, 'scripts/tools.sh'), []);
  installPackages();
  buildPeer('candle', 'plain_candle');
  buildPeer('burn', 'burn_flex');
  await buildSite();
}
