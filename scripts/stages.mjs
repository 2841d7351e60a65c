// What `make check` and `make test` run. A stage is a command; `read` says how to count the tests in its log, and a
// stage without one is judged by its exit code and counts no test. Two stages run at a time, each as soon as those named
// in `after` have ended, the first in this list first: a compiler that links uses one core only. What drives the page and
// waits for it has the machine `alone`.
import { readdirSync } from 'node:fs';
import { readCargo, readNodeTest, readPlaywright, readUnittest, readVitest } from './closing-lines.mjs';

/**
 * @typedef {object} Stage
 * @property {string} name also the name of its log in .cache/logs
 * @property {'set-up' | 'check' | 'test' | 'audit'} kind an audit is for `make check` alone: its tool takes minutes to build
 * @property {string[]} command
 * @property {string[]} [after]
 * @property {boolean} [alone]
 * @property {Record<string, string>} [environment]
 * @property {(log: string) => import('./closing-lines.mjs').Counts | null} [read]
 */

const native = ['--locked', '--features', 'cli'];
// The profile of the wasm build shares what that has made already.
const wasmProfile = ['--locked', '--profile', 'wasm'];
const wasm = [...wasmProfile, '--target', 'wasm32-unknown-unknown'];
const denyWarnings = ['--', '-D', 'warnings'];

// --show-output lets a test that passed say that it had nothing to test with.
const libtest = ['--', '--show-output'];
const rustTests = readdirSync('tests')
  .filter((file) => file.endsWith('.rs'))
  .map((file) => file.slice(0, -'.rs'.length))
  .sort();
const forBrowser = (name) => name === 'web' || name.startsWith('web_');
const select = (names) => names.flatMap((name) => ['--test', name]);
const browserTests = select(rustTests.filter(forBrowser));
// The fuzz run is a stage of its own, and what takes long is for `make soak`.
const integrationTests = select(
  rustTests.filter((name) => !['fuzz_bytes', 'soak'].includes(name) && !forBrowser(name)),
);

// Told to install nothing, wasm-pack takes the tools that are there and downloads none.
const wasmPack = (browser) => [
  ...['wasm-pack', 'test', '--headless', browser, '--mode', 'no-install'],
  ...['--', ...wasmProfile, ...browserTests],
];
// Every family is tested: by itself the runner would give up after 20 seconds.
const patient = { WASM_BINDGEN_TEST_TIMEOUT: '600' };

const formatted = [
  'www',
  'tests/e2e',
  'tests/browsers',
  'scripts',
  'npm',
  'examples/package',
  'benches/**/*.{js,mjs,json,md}',
  'index.html',
  '*.{json,js,ts}',
];
const linted = ['www', 'tests', 'scripts', 'benches', '*.js', '*.ts'];
const scriptTests = readdirSync('scripts')
  .filter((file) => file.endsWith('.test.mjs'))
  .map((file) => `scripts/${file}`);

/** @type {Stage[]} */
export const stages = [
  { name: 'tools', kind: 'set-up', command: ['make', 'tools'] },
  { name: 'npm', kind: 'set-up', command: ['make', 'npm'] },
  { name: 'wasm', kind: 'set-up', after: ['tools', 'npm'], command: ['make', 'wasm'] },

  // Natively, one after the other: they share a folder that cargo locks.
  { name: 'rustfmt', kind: 'check', after: ['tools'], command: ['cargo', 'fmt', '--all', '--check'] },
  {
    name: 'clippy',
    kind: 'check',
    after: ['rustfmt'],
    command: ['cargo', 'clippy', ...native, '--all-targets', ...denyWarnings],
  },
  {
    name: 'rustdoc',
    kind: 'check',
    after: ['clippy'],
    command: ['cargo', 'doc', ...native, '--no-deps', '--lib'],
    environment: { RUSTDOCFLAGS: '-D warnings' },
  },
  {
    name: 'public-api',
    kind: 'audit',
    after: ['rustdoc'],
    command: ['node', 'scripts/public-api.mjs'],
  },
  { name: 'licences', kind: 'audit', after: ['tools'], command: ['scripts/licences.sh'] },
  {
    name: 'cargo-test',
    kind: 'test',
    after: ['rustdoc'],
    command: [
      'cargo',
      'test',
      ...native,
      '--no-fail-fast',
      '--lib',
      '--bins',
      '--examples',
      ...integrationTests,
      ...libtest,
    ],
    read: readCargo,
  },
  {
    name: 'cargo-doctest',
    kind: 'test',
    after: ['cargo-test'],
    command: ['cargo', 'test', ...native, '--no-fail-fast', '--doc'],
    read: readCargo,
  },
  {
    name: 'fuzz',
    kind: 'test',
    after: ['cargo-doctest'],
    command: ['cargo', 'test', ...native, '--no-fail-fast', '--test', 'fuzz_bytes'],
    read: readCargo,
  },
  // It reads files by the command line that cargo-test has built.
  {
    name: 'python',
    kind: 'test',
    after: ['cargo-test'],
    command: ['node', 'scripts/python.mjs'],
    read: readUnittest,
  },

  // The package and the page.
  {
    name: 'clippy-wasm',
    kind: 'check',
    after: ['wasm'],
    command: ['cargo', 'clippy', ...wasm, '--lib', ...browserTests, ...denyWarnings],
  },
  {
    name: 'clippy-viewer',
    kind: 'check',
    after: ['clippy-wasm'],
    command: ['cargo', 'clippy', ...wasm, '--lib', '--no-default-features', ...denyWarnings],
  },
  // After the tools: both may install Debian's packages, and only one can at a time.
  { name: 'browser', kind: 'set-up', after: ['tools'], command: ['make', 'browser'] },
  {
    name: 'wasm-pack',
    kind: 'test',
    after: ['clippy-viewer', 'browser'],
    command: wasmPack('--chrome'),
    environment: patient,
    read: readCargo,
  },
  { name: 'other-browsers', kind: 'set-up', after: ['browser'], command: ['make', 'other-browsers'] },
  {
    name: 'wasm-firefox',
    kind: 'test',
    after: ['wasm-pack', 'other-browsers'],
    command: ['node', 'scripts/wasm-firefox.mjs', ...wasmPack('--firefox')],
    environment: patient,
    read: readCargo,
  },
  {
    name: 'prettier',
    kind: 'check',
    after: ['npm'],
    command: ['npx', 'prettier', '--check', ...formatted],
  },
  {
    name: 'eslint',
    kind: 'check',
    after: ['wasm'],
    command: ['npx', 'eslint', '--max-warnings', '0', ...linted],
  },
  { name: 'svelte-check', kind: 'check', after: ['wasm'], command: ['npm', 'run', '--silent', 'check'] },
  { name: 'tsc', kind: 'check', after: ['wasm'], command: ['npx', 'tsc', '--noEmit', '-p', 'tests/e2e'] },
  { name: 'vitest', kind: 'test', after: ['wasm'], command: ['npx', 'vitest', 'run'], read: readVitest },
  { name: 'site', kind: 'set-up', after: ['wasm'], command: ['make', 'build'] },
  // Some of them call the command line, some drive a browser.
  {
    name: 'scripts',
    kind: 'test',
    after: ['wasm', 'site', 'cargo-test', 'browser'],
    command: ['node', '--test', '--test-reporter=tap', ...scriptTests],
    read: readNodeTest,
  },
  {
    name: 'firefox-webkit',
    kind: 'test',
    alone: true,
    after: ['site', 'other-browsers'],
    command: ['node', '--test', '--test-reporter=tap', 'tests/browsers/smoke.test.mjs'],
    read: readNodeTest,
  },
  {
    name: 'playwright',
    kind: 'test',
    alone: true,
    after: ['site', 'browser', 'cargo-test'],
    command: ['npx', 'playwright', 'test'],
    read: readPlaywright,
  },
];
