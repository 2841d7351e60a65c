// Runs the tests of the Python package in python/, where Python 3.10 and PyTorch are installed. Else it says why not:
// the package is an extra, and nobody needs PyTorch to work on the rest. PYTHON names another interpreter.
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

const python = process.env.PYTHON ?? 'python3';
const needs = `
import sys
if sys.version_info < (3, 10): sys.exit("it is older than 3.10")
import numpy, safetensors, torch
`;

/** Why the tests cannot run; none if they can. */
function obstacle() {
  const { error, status, stderr } = spawnSync(python, ['-c', needs], { encoding: 'utf8' });
  if (error) return `there is no ${python}`;
  if (status === 0) return null;
  const reason = stderr.trim().split('\n').at(-1);
  return `${python} cannot run them: ${reason}`;
}

const reason = obstacle();
if (reason) {
  console.log(`skipped: ${reason}`);
} else {
  const folder = resolve(import.meta.dirname, '../python');
  const { status } = spawnSync(python, ['-m', 'unittest'], { cwd: folder, stdio: 'inherit' });
  process.exitCode = status ?? 1;
}
