import { describe, expect, it } from 'vitest';

import { alignCurves, History, nextEvaluation, nextKeepsake } from './history';

const point = (elbo: number) => ({ elbo, reconstruction: elbo + 5, kl: 5 });

describe('history of a run', () => {
  it('keeps every step while it is short', () => {
    const history = new History();
    for (let step = 1; step <= 10; step += 1) history.addTrain(step, point(-step));
    const { train, stride } = history.data();
    expect(stride).toBe(1);
    expect(train.step).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(train.reconstruction[2]).toBe(2);
  });

  it('stays short and keeps its mean however long the run', () => {
    const history = new History();
    const steps = 20_000;
    for (let step = 1; step <= steps; step += 1) history.addTrain(step, point(-step));
    const { train, stride } = history.data();
    expect(train.step.length).toBeLessThanOrEqual(480);
    expect(train.step).toEqual([...train.step].sort((a, b) => a - b));
    expect(train.step.at(-1)).toBeGreaterThan(steps - 2 * stride);
    const covered = train.step.at(-1) ?? 0;
    const mean = train.elbo.reduce((sum, elbo) => sum + elbo, 0) / train.elbo.length;
    expect(mean).toBeCloseTo(-(covered + 1) / 2, -2);
  });

  it('comes back from its data, and a copy is not changed by what follows', () => {
    const history = new History();
    for (let step = 1; step <= 700; step += 1) history.addTrain(step, point(-step));
    history.addHeldOut(700, point(-3));
    const data = history.data();
    const kept = structuredClone(data);
    history.addTrain(701, point(0));
    history.addTrain(702, point(0));
    expect(data).toEqual(kept);
    expect(History.from(kept).data()).toEqual(kept);
  });

  it('goes back to a step', () => {
    const history = new History();
    for (let step = 1; step <= 100; step += 1) history.addTrain(step, point(-step));
    for (const step of [0, 50, 100]) history.addHeldOut(step, point(-step));
    history.truncate(50);
    expect(history.data().train.step.at(-1)).toBe(50);
    expect(history.data().train.kl.length).toBe(50);
    expect(history.data().heldOut.step).toEqual([0, 50]);
    history.addTrain(51, point(-1));
    expect(history.data().train.step.at(-1)).toBe(51);
  });

  it('counts an evaluation of the same step once', () => {
    const history = new History();
    history.addHeldOut(10, point(-1));
    history.addHeldOut(10, point(-2));
    expect(history.data().heldOut.step).toEqual([10]);
  });
});

describe('when something is due', () => {
  it('evaluates at fixed steps, ever more rarely', () => {
    expect([0, 9, 10, 95, 100, 949, 1_000, 9_900, 10_000].map(nextEvaluation)).toEqual([
      10, 10, 20, 100, 150, 950, 1_250, 10_000, 12_500,
    ]);
  });

  it('keeps pictures at 1, 2, 5, 10, ...', () => {
    const kept = [];
    for (let step = 0; step < 1_000; step = nextKeepsake(step)) kept.push(step);
    expect(kept).toEqual([0, 1, 2, 5, 10, 20, 50, 100, 200, 500]);
  });
});

describe('curves over one axis', () => {
  it('puts null where a curve has no point', () => {
    const aligned = alignCurves([
      { step: [0, 10], values: [1, 2] },
      { step: [5, 10], values: [3, 4] },
    ]);
    expect(aligned).toEqual({
      step: [0, 5, 10],
      values: [
        [1, null, 2],
        [null, 3, 4],
      ],
    });
  });
});
