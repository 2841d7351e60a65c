import { describe, expect, it } from 'vitest';

import { abortError } from '../../engine/latest';
import { CannotRun, type Bench, type Check, type Outcome } from './check';
import { checks } from './checks';
import { runChecks } from './runner';
import { stateInWords, summary } from './words';

const bench = { seed: 1 } as unknown as Omit<Bench, 'progress'>;
const check = (id: string, run: Check['run']): Check => ({
  id,
  title: id,
  compares: id,
  tolerance: id,
  run,
});

async function outcomesOf(list: readonly Check[]): Promise<[string, Outcome][]> {
  const told: [string, Outcome][] = [];
  await runChecks(list, bench, (id, outcome) => told.push([id, outcome]));
  return told;
}

describe('runChecks', () => {
  it('tells a check that holds, one that does not, one that throws, and one that cannot run', async () => {
    const figures = [{ name: 'found', value: '1' }];
    const told = await outcomesOf([
      check('holds', ({ progress }) => {
        progress(0.5);
        return Promise.resolve({ passed: true, figures });
      }),
      check('not', () => Promise.resolve({ passed: false, figures })),
      check('throws', () => Promise.reject(new Error('the weights have diverged'))),
      check('cannot', () => Promise.reject(new CannotRun('there is no model'))),
    ]);
    expect(told).toEqual([
      ['holds', { state: 'running', share: 0 }],
      ['holds', { state: 'running', share: 0.5 }],
      ['holds', { state: 'passed', figures }],
      ['not', { state: 'running', share: 0 }],
      ['not', { state: 'failed', figures }],
      ['throws', { state: 'running', share: 0 }],
      ['throws', { state: 'failed', figures: [], reason: 'the weights have diverged' }],
      ['cannot', { state: 'running', share: 0 }],
      ['cannot', { state: 'impossible', reason: 'there is no model' }],
    ]);
  });

  it('ends with the visitor’s leave, and tells nothing of the check that was stopped', async () => {
    const told: string[] = [];
    const stopped = runChecks(
      [
        check('stopped', () => Promise.reject(abortError())),
        check('later', () => Promise.reject(new Error())),
      ],
      bench,
      (id, { state }) => told.push(`${id} ${state}`),
    );
    await expect(stopped).rejects.toThrow(DOMException);
    expect(told).toEqual(['stopped running']);
  });
});

it('the five checks have names of their own, and say what they compare and allow', () => {
  expect(new Set(checks.map(({ id }) => id)).size).toBe(5);
  for (const { title, compares, tolerance } of checks) {
    expect(Math.min(title.length, compares.length, tolerance.length)).toBeGreaterThan(10);
  }
});

it('says in words how the checks stand', () => {
  const right: Outcome = { state: 'passed', figures: [] };
  const wrong: Outcome = { state: 'failed', figures: [] };
  const missing: Outcome = { state: 'impossible', reason: 'offline' };
  expect(summary([right, right])).toBe('2 of 2 right');
  expect(summary([right, wrong, missing])).toBe('1 of 3 right, 1 wrong, 1 could not run here');
  expect(summary([right, { state: 'waiting' }])).toBe('1 of 2 right, still running');
  expect(stateInWords({ state: 'running', share: 0.254 })).toBe('Running: 25 %');
});
