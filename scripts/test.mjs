// Runs every check and test of the project, all of them even where one fails, two at a time, and closes with one line
// that adds up what ran: `N passed, N failed`.
//
//   node scripts/test.mjs             all stages but audits
//   node scripts/test.mjs check       set-up, checks and audits (format, lints, types; public items, licences)
//   node scripts/test.mjs NAME...     these stages only (see scripts/stages.mjs)
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import { closingLine, judge, plain } from './closing-lines.mjs';
import { stages } from './stages.mjs';

const logs = '.cache/logs';
const timeLimitSeconds = 55 * 60;
const tailLines = 60;
const atOnce = 2;

process.chdir(resolve(import.meta.dirname, '..'));
mkdirSync(logs, { recursive: true });

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => name !== 'check' && !stages.some((stage) => stage.name === name));
if (unknown.length > 0) {
  const names = stages.map((stage) => stage.name).join(', ');
  console.error(`No stage is called ${unknown.join(', ')}. There are: check, ${names}.`);
  process.exit(2);
}
const ofCheck = ({ kind, name }) =>
  kind === 'check' || kind === 'audit' || ['tools', 'npm', 'wasm'].includes(name);
const chosen = stages.filter(
  (stage) =>
    (wanted.length === 0 && stage.kind !== 'audit') ||
    wanted.includes(stage.name) ||
    (wanted.includes('check') && ofCheck(stage)),
);

const children = new Set();
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    children.forEach(stop);
    console.log('\nstopped before the end');
    process.exit(130);
  });
}

/** Ends a stage's command with everything that it started. */
function stop(child) {
  if (!child?.pid) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}

/** Runs a stage's command into its log file and gives its exit code; 124 is past the time limit. */
function run(stage, file) {
  return new Promise((done) => {
    const log = createWriteStream(file);
    const [program, ...rest] = stage.command;
    const child = spawn(program, rest, {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        PATH: `${resolve('.cache/tools/bin')}${delimiter}${process.env.PATH}`,
        CARGO_TERM_COLOR: 'never',
        FORCE_COLOR: '0',
        NO_COLOR: '1',
        ...stage.environment,
      },
    });
    children.add(child);
    let late = false;
    const clock = setTimeout(() => {
      late = true;
      stop(child);
    }, timeLimitSeconds * 1000);
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    const finish = (code, note) => {
      clearTimeout(clock);
      children.delete(child);
      log.end(note, () => done(code));
    };
    child.once('error', (error) => finish(127, `${program}: ${error.message}\n`));
    // A server that a stage left behind would keep its port and this stage's output open.
    child.once('exit', () => stop(child));
    child.once('close', (code) =>
      late ? finish(124, `stopped after ${timeLimitSeconds} s\n`) : finish(code ?? 1),
    );
  });
}

const seconds = (milliseconds) => `${(milliseconds / 1000).toFixed(1)} s`;
const width = Math.max(...chosen.map((stage) => stage.name.length));
const total = { passed: 0, failed: 0, skipped: 0 };
const began = performance.now();

/** Runs a stage, adds what it counted to the total, and tells how it went. */
async function complete(stage) {
  const file = `${logs}/${stage.name}.log`;
  const start = performance.now();
  const exitCode = await run(stage, file);
  const log = readFileSync(file, 'utf8');
  const verdict = judge(exitCode, log, stage.read);
  for (const outcome of ['passed', 'failed', 'skipped']) total[outcome] += verdict[outcome];

  const time = seconds(performance.now() - start).padStart(9);
  const mark = verdict.failed > 0 ? 'FAILED' : 'ok';
  const sum = stage.read ? `  ${closingLine(verdict)}` : '';
  const fault = verdict.fault ? `  (${verdict.fault})` : '';
  console.log(`${mark.padEnd(6)}  ${stage.name.padEnd(width)} ${time}${sum}${fault}`);
  if (verdict.failed > 0) {
    const lines = plain(log).trimEnd().split('\n');
    console.log(`\n--- the end of ${file}\n${lines.slice(-tailLines).join('\n')}\n---\n`);
  }
}

const waiting = [...chosen];
/** Stages under way, each with the promise of its end. @type {Map<import('./stages.mjs').Stage, Promise<void>>} */
const underWay = new Map();
const ended = (name) => ![...waiting, ...underWay.keys()].some((stage) => stage.name === name);
const mayStart = (stage) =>
  (stage.after ?? []).every(ended) &&
  underWay.size < (stage.alone ? 1 : atOnce) &&
  ![...underWay.keys()].some(({ alone }) => alone);

while (waiting.length + underWay.size > 0) {
  const next = waiting.findIndex(mayStart);
  if (next >= 0) {
    const [stage] = waiting.splice(next, 1);
    underWay.set(
      stage,
      complete(stage).finally(() => underWay.delete(stage)),
    );
  } else {
    await Promise.race(underWay.values());
  }
}

console.log(`\n${seconds(performance.now() - began)} in all; logs in ${logs}`);
console.log(closingLine(total));
process.exitCode = total.failed > 0 ? 1 : 0;
