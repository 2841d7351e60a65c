// What `make check` and `make test` run, in order. A stage is a command; `read` says how to count
// the tests in its log, and a stage without one is judged by its exit code and counts no test.
import { readdirSync } from 'node:fs';
import { readCargo, readNodeTest, readPlaywright, readVitest } from './closing-lines.mjs';

/**
 * @typedef {object} Stage
 * @property {string} name also the name of its log in .cache/logs
 * @property {'set-up' | 'check' | 'test'} kind
 * @property {string[]} command
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
// The fuzz run is a stage of its own.
const integrationTests = select(rustTests.filter((name) => name !== 'fuzz_bytes' && !forBrowser(name)));

const headless = ['--headless', '--chrome', '--mode', 'no-install'];

const formatted = [
  'www',
  'tests/e2e',
  'scripts',
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
  { name: 'wasm', kind: 'set-up', command: ['make', 'wasm'] },

  { name: 'rustfmt', kind: 'check', command: ['cargo', 'fmt', '--all', '--check'] },
  {
    name: 'clippy',
    kind: 'check',
    command: ['cargo', 'clippy', ...native, '--all-targets', ...denyWarnings],
  },
  {
    name: 'clippy-wasm',
    kind: 'check',
    command: ['cargo', 'clippy', ...wasm, '--lib', ...browserTests, ...denyWarnings],
  },
  {
    name: 'clippy-viewer',
    kind: 'check',
    command: ['cargo', 'clippy', ...wasm, '--lib', '--no-default-features', ...denyWarnings],
  },
  {
    name: 'rustdoc',
    kind: 'check',
    command: ['cargo', 'doc', ...native, '--no-deps', '--lib'],
    environment: { RUSTDOCFLAGS: '-D warnings' },
  },
  { name: 'prettier', kind: 'check', command: ['npx', 'prettier', '--check', ...formatted] },
  { name: 'eslint', kind: 'check', command: ['npx', 'eslint', '--max-warnings', '0', ...linted] },
  { name: 'svelte-check', kind: 'check', command: ['npm', 'run', '--silent', 'check'] },
  { name: 'tsc', kind: 'check', command: ['npx', 'tsc', '--noEmit', '-p', 'tests/e2e'] },

  {
    name: 'cargo-test',
    kind: 'test',
    command: [
      'cargo',
      'test',
      ...native,
      '--no-fail-fast',
      '--lib',
      '--bins',
      ...integrationTests,
      ...libtest,
    ],
    read: readCargo,
  },
  {
    name: 'cargo-doctest',
    kind: 'test',
    command: ['cargo', 'test', ...native, '--no-fail-fast', '--doc'],
    read: readCargo,
  },
  {
    name: 'fuzz',
    kind: 'test',
    command: ['cargo', 'test', ...native, '--no-fail-fast', '--test', 'fuzz_bytes'],
    read: readCargo,
  },
  {
    name: 'scripts',
    kind: 'test',
    command: ['node', '--test', '--test-reporter=tap', ...scriptTests],
    read: readNodeTest,
  },
  { name: 'vitest', kind: 'test', command: ['npx', 'vitest', 'run'], read: readVitest },
  { name: 'browser', kind: 'set-up', command: ['make', 'browser'] },
  {
    name: 'wasm-pack',
    kind: 'test',
    // Told to install nothing, wasm-pack takes the tools that are there and downloads none. Every family is tested: by
    // itself the runner would give up after 20 seconds.
    command: [
      'env',
      'WASM_BINDGEN_TEST_TIMEOUT=600',
      ...['wasm-pack', 'test', ...headless, '--', ...wasmProfile, ...browserTests],
    ],
    read: readCargo,
  },
  { name: 'site', kind: 'set-up', command: ['make', 'build'] },
  { name: 'playwright', kind: 'test', command: ['npx', 'playwright', 'test'], read: readPlaywright },
];
