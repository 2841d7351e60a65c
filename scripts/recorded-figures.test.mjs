// The numbers that the page checks a browser against are those of the command line as it is now.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import { figures, program, record } from './recorded-figures.mjs';

/** Processors add up in different orders; the page allows five times as much. */
const AWAY = { codes: 2e-4, elbo: 2e-4, reconstruction: 2e-4, kl: 2e-4, logLikelihoods: 2e-4 };

const kept = JSON.parse(readFileSync(record, 'utf8'));

test('the record is fresh', (context) => {
  if (!existsSync(program)) return context.skip('build it: cargo build --features cli');
  const now = figures();
  assert.deepEqual(Object.keys(kept), Object.keys(now));
  for (const name of ['model', 'digits', 'seed']) assert.deepEqual(kept[name], now[name], name);
  for (const [name, away] of Object.entries(AWAY)) {
    const [before, after] = [kept[name], now[name]].map((value) => [value].flat());
    assert.equal(before.length, after.length, name);
    for (const [at, value] of after.entries()) {
      assert.ok(Math.abs(before[at] - value) <= away, `${name} ${at}: ${before[at]} recorded, ${value} now`);
    }
  }
});

test('the record has numbers for every digit', () => {
  assert.equal(kept.codes.length, 2 * kept.digits.count);
  assert.equal(kept.logLikelihoods.length, kept.digits.count);
  const numbers = [...kept.codes, ...kept.logLikelihoods, kept.elbo, kept.reconstruction, kept.kl];
  assert.ok(numbers.every(Number.isFinite));
});
