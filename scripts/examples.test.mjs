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

/** What a Rust example prints; nothing where it is not built. */
function printed(example, ...rest) {
  const program = `target/debug/examples/${example}`;
  if (!existsSync(program)) return undefined;
  return execFileSync(program, rest, { encoding: 'utf8' });
}
const NOT_BUILT = 'build it: cargo build --features cli --examples';

test('in Rust, where its example is built', (context) => {
  const text = printed('drawing');
  if (!text) return context.skip(NOT_BUILT);
  assertSame(JSON.parse(text));
});

test('the Rust examples say what they are to show', (context) => {
  const text = printed('train');
  if (!text) return context.skip(NOT_BUILT);
  const elbos = [...text.matchAll(/ELBO (-[\d.]+) nats/g)].map(([, value]) => Number(value));
  assert.equal(elbos.length, 10);
  assert.ok(elbos.at(-1) > elbos[0] + 15, text);

  const [, exact, elbo, gap] = /p\(x\) = (\S+) .* ELBO, (\S+), is (\S+) nats/.exec(
    printed('exact_posterior'),
  );
  assert.ok(Number(gap) > 0 && Math.abs(exact - elbo - gap) < 0.002);

  const race = printed('estimators_race');
  const value = (name) => Number(new RegExp(`^${name} +(-[\\d.]+)`, 'm').exec(race)?.[1]);
  assert.ok(Math.abs(value('exact') - exact) < 0.02, race);
  for (const name of ['naive', 'importance', 'annealed']) {
    assert.ok(Math.abs(value(name) - value('exact')) < 1, race);
  }

  // Three images of a seven, beside each other, with ink in each.
  const lines = printed('conditional_samples', '7').split('\n').slice(0, -1);
  assert.deepEqual([lines.length, new Set(lines.map((line) => line.length))], [14, new Set([84])]);
  for (const at of [0, 28, 56]) assert.match(lines.map((line) => line.slice(at, at + 28)).join(''), /[o@]/);
});
