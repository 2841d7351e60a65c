// Each check must be able to fail: here it is given numbers that are wrong.
import { describe, expect, it } from 'vitest';

import * as bounds from './bounds';
import * as finerGrid from './finerGrid';
import * as gradients from './gradients';
import * as memory from './memory';
import { judge, recorded, TOLERANCES } from './recorded';

describe('gradients', () => {
  const slope = (byGradient: number, byDifferences: number) => ({
    weights: 'encoder.0.weight',
    byGradient,
    byDifferences,
  });
  const passed = (...slopes: ReturnType<typeof slope>[]): boolean =>
    gradients.judge([{ name: 'the ELBO', slopes }]).passed;

  it('hold within a hundredth of the larger slope', () => {
    expect(passed(slope(2, 2.01), slope(-1, -1))).toBe(true);
    expect(passed(slope(2, 2.03), slope(-1, -1))).toBe(false);
    // A gradient that is missing, or of the wrong sign, is entirely wrong.
    expect(passed(slope(0, 0.1))).toBe(false);
    expect(gradients.relativeError(slope(1, -1))).toBe(2);
    expect(passed(slope(NaN, 1))).toBe(false);
    expect(passed()).toBe(false);
  });
});

describe('bounds', () => {
  const at = (value: number, error: number, exact = false) => ({ name: String(value), value, error, exact });

  it('hold up to three standard errors', () => {
    const good = [at(-101, 0.1), at(-100.5, 0.1), at(-100, 0.002, true), at(-99.9, 0.1)];
    expect(bounds.judge(good, 'a digit').passed).toBe(true);
    expect(bounds.inOrder(at(-99.8, 0.1), at(-100, 0.002, true))).toBe(true);
    expect(bounds.inOrder(at(-99.6, 0.1), at(-100, 0.002, true))).toBe(false);
    expect(bounds.judge(good.toReversed(), 'a digit').passed).toBe(false);
    expect(bounds.inOrder(at(NaN, 0.1), at(-100, 0.1))).toBe(false);
  });
});

describe('the finer grid', () => {
  it('integrates a Gaussian, and is far off beside its peak', () => {
    const deviation = 0.02;
    const sum = (centre: [number, number]): number => {
      const codes = finerGrid.middles(centre, 0.1, 48);
      const values: number[] = [];
      for (let at = 0; at < codes.length; at += 2) {
        const square = ((codes[at] ?? 0) - 0.3) ** 2 + ((codes[at + 1] ?? 0) + 0.7) ** 2;
        values.push(-square / (2 * deviation ** 2) - Math.log(2 * Math.PI * deviation ** 2));
      }
      return finerGrid.logSumExp(values) + Math.log((0.2 / 48) ** 2);
    };
    expect(Math.abs(sum([0.3, -0.7]))).toBeLessThan(1e-4);
    expect(Math.abs(sum([0.4, -0.7]))).toBeGreaterThan(0.5);
  });

  it('must agree within what the page calls exact', () => {
    const found = (finer: number) => [{ name: 'a digit', exact: -100, finer, resolution: 48 }];
    expect(finerGrid.judge(found(-100.0049)).passed).toBe(true);
    expect(finerGrid.judge(found(-100.0051)).passed).toBe(false);
    expect(finerGrid.judge(found(NaN)).passed).toBe(false);
    expect(finerGrid.judge([]).passed).toBe(false);
  });
});

describe('recorded numbers', () => {
  it('of the record itself are right', () => {
    expect(judge(recorded, recorded)).toMatchObject({ passed: true });
  });

  it('are wrong where one of them is, whichever', () => {
    const off = (values: readonly number[], at: number, by: number): number[] =>
      values.map((value, index) => (index === at ? value + by : value));
    const { codes, elbo, reconstruction, kl, logLikelihoods } = recorded;
    const nats = 1.5 * TOLERANCES.nats;
    for (const wrong of [
      { codes: off(codes, 3, 1.5 * TOLERANCES.code) },
      { elbo: elbo + nats },
      { reconstruction: reconstruction - nats },
      { kl: kl + nats },
      { logLikelihoods: off(logLikelihoods, 7, nats) },
      { logLikelihoods: logLikelihoods.slice(1) },
      { kl: NaN },
    ]) {
      expect(judge({ ...recorded, ...wrong }, recorded).passed).toBe(false);
    }
  });
});

describe('memory', () => {
  it('must not grow by a byte', () => {
    expect(memory.judge(20e6, 20e6).passed).toBe(true);
    expect(memory.judge(20e6, 20e6 + 65_536).passed).toBe(false);
    expect(memory.judge(0, 0).passed).toBe(false);
  });
});
