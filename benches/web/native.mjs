// The same works natively, on one thread and on two, by whatever this machine has, in turns.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { here, root } from './places.mjs';

/** What the others' speeds are divided by. */
export const PYTORCH = 'PyTorch eager';
const ROUNDS = 5;
const LIMIT_MS = 30 * 60_000;
const cargoBench = ['cargo', 'bench', '--quiet', '--features', 'cli', '--bench', 'training_step'];

/**
 * A program that prints `{"threads":1,"A":ms,"B":ms,"C":ms}` a line for each number of threads.
 * @typedef {object} Program
 * @property {string} label
 * @property {string[]} command
 * @property {string[]} needs a command that succeeds where the program can run
 * @property {string} absent what to say where it cannot
 */

const python = (label, module, file) => ({
  label,
  command: ['python3', join(here, 'native', file)],
  needs: ['python3', '-c', `import ${module}`],
  absent: 'not on this machine',
});

/** @type {Program[]} */
const programs = [
  {
    label: 'ours',
    command: [...cargoBench, '--', '--json'],
    needs: [...cargoBench, '--no-run'],
    absent: 'not built',
  },
  python(PYTORCH, 'torch', 'torch_vae.py'),
  python('JAX jit', 'jax', 'jax_vae.py'),
];

const output = ([command, ...parameters]) =>
  execFileSync(command, parameters, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: LIMIT_MS,
  });

/** The lines of a program's output that are JSON objects with a number of threads. */
const timings = (text) =>
  text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));

/**
 * A program on a number of threads.
 * @typedef {object} Native
 * @property {string} program
 * @property {number} threads
 * @property {Record<string, { milliseconds: number[][] }>} training by work: a median a round
 */

function runs({ needs }) {
  try {
    output(needs);
    return true;
  } catch {
    return false;
  }
}

/**
 * @param {(text: string) => void} say
 * @returns {{ native: Native[], missing: string[] }}
 */
export function measureNatively(say) {
  const missing = [];
  let present = programs.filter(runs);
  for (const { label, absent } of programs) {
    if (!present.some((program) => program.label === label)) missing.push(`${label}, native: ${absent}`);
  }
  /** @type {Native[]} */
  let native = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    say(`natively, round ${round + 1} of ${ROUNDS}`);
    const first = round % Math.max(present.length, 1);
    for (const program of [...present.slice(first), ...present.slice(0, first)]) {
      try {
        note(native, program, timings(output(program.command)));
      } catch (error) {
        // The others' times, and the browser's, are worth keeping.
        missing.push(`${program.label}, native: ${error.message.split('\n')[0]}`);
        present = present.filter((other) => other !== program);
        native = native.filter((entry) => entry.program !== program.label);
      }
    }
  }
  native.sort((a, b) => a.threads - b.threads);
  return { native, missing };
}

/** Adds a program's times in one round, a line for each number of threads. */
function note(native, { label }, lines) {
  for (const { threads, ...milliseconds } of lines) {
    let entry = native.find(({ program, threads: count }) => program === label && count === threads);
    if (!entry) native.push((entry = { program: label, threads, training: {} }));
    for (const [name, time] of Object.entries(milliseconds)) {
      (entry.training[name] ??= { milliseconds: [] }).milliseconds.push([time]);
    }
  }
}
