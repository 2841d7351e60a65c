// The same works natively, on one thread and on two, by whatever this machine has.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { here, root } from './places.mjs';

const LIMIT_MS = 30 * 60_000;
const cargoBench = ['bench', '--quiet', '--features', 'cli', '--bench', 'training_step', '--', '--json'];

/**
 * A program that prints `{"threads":1,"A":ms,"B":ms,"C":ms}` a line for each number of threads.
 * @typedef {object} Program
 * @property {string} label
 * @property {string[]} command
 * @property {string[]} [needs] a command that succeeds where the program can run
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
  { label: 'ours', command: ['cargo', ...cargoBench], absent: 'not built' },
  python('PyTorch eager', 'torch', 'torch_vae.py'),
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
    .filter((line) => line.startsWith('{"threads"'))
    .map((line) => JSON.parse(line));

/**
 * @param {(text: string) => void} say
 * @returns {{ rows: { label: string, milliseconds: Record<string, number> }[], missing: string[] }}
 */
export function measureNatively(say) {
  const rows = [];
  const missing = [];
  for (const { label, command, needs, absent } of programs) {
    say(`native: ${label}`);
    let lines = [];
    try {
      if (needs) output(needs);
      lines = timings(output(command));
    } catch {
      // There is nothing to measure: said below.
    }
    if (!lines.length) missing.push(`${label}, native: ${absent}`);
    for (const { threads, ...milliseconds } of lines) {
      const plural = threads === 1 ? 'thread' : 'threads';
      rows.push({ label: `${label}, native, ${threads} ${plural}`, milliseconds });
    }
  }
  return { rows, missing };
}
