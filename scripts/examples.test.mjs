// The programs that the page hands out ("copy as code") run, and say the same of the same drawing.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const wanted = JSON.parse(execFileSync(process.execPath, ['examples/drawing.mjs'], { encoding: 'utf8' }));
const drawingOf = (file) => /[0-9a-f]{1568}/.exec(readFileSync(file, 'utf8'))?.[0];

/** Draws differ between languages; codes and pictures do not. */
function assertSame(told) {
  for (const name of ['mean', 'logVar']) {
    for (const [at, value] of wanted[name].entries()) {
      assert.ok(Math.abs(told[name][at] - value) < 2e-3, `${name} ${told[name][at]} ${value}`);
    }
  }
  assert.ok(Math.abs(told.ink - wanted.ink) < 0.05, `${told.ink} ${wanted.ink}`);
  assert.ok(Math.abs(told.elbo - wanted.elbo) < 0.2, `${told.elbo} ${wanted.elbo}`);
  assert.ok(Math.abs(told.logLikelihood - wanted.logLikelihood) < 0.2);
}

test('in JavaScript', () => {
  assert.ok(wanted.elbo < wanted.logLikelihood && wanted.logLikelihood < 0);
  assert.ok(wanted.ink > 20 && wanted.ink < 300);
  assert.ok(wanted.logLikelihood - wanted.elbo < 3);
});

test('all hold the same drawing', () => {
  for (const ending of ['py', 'rs']) {
    assert.equal(drawingOf(`examples/drawing.${ending}`), drawingOf('examples/drawing.mjs'));
  }
});

test('in Python: read at least, and run where PyTorch is installed', (context) => {
  const parsed = spawnSync('python3', ['-c', 'import ast; ast.parse(open("examples/drawing.py").read())']);
  if (parsed.error) return context.skip('there is no python3');
  assert.equal(parsed.status, 0, String(parsed.stderr));
  if (spawnSync('python3', ['-c', 'import torch, safetensors']).status !== 0) return;
  assertSame(JSON.parse(execFileSync('python3', ['examples/drawing.py'], { encoding: 'utf8' })));
});

test('in Rust, where its example is built', (context) => {
  const program = 'target/debug/examples/drawing';
  if (!existsSync(program)) return context.skip('build it: cargo build --features cli --example drawing');
  assertSame(JSON.parse(execFileSync(program, { encoding: 'utf8' })));
});
