import { describe, expect, it, vi } from 'vitest';

import { FakeTrainer } from './fakeTrainer';
import { TrainingRun } from './run.svelte';
import type { DataSource, Recipe, RunCheckpoint } from './runTypes';

function source(signature = 'strokes', fails?: string): DataSource & { loads: number } {
  const made = {
    signature,
    loads: 0,
    load: async (call: FakeTrainer['call']) => {
      made.loads += 1;
      if (fails) throw new Error(fails);
      await call('strokesDataset', ['train', 100, 1]);
      await call('strokesDataset', ['held-out', 50, 2]);
      return { key: 'train', size: 100, heldOutKey: 'held-out', heldOutSize: 50, labels: undefined };
    },
  };
  return made;
}

function recipe(changes: Partial<Recipe> = {}): Recipe {
  return {
    spec: { model: 'vae', latents: 2 },
    options: { learningRate: 0.1, batchSize: 10 },
    seed: 17,
    data: source(),
    ...changes,
  };
}

async function prepared(changes: Partial<Recipe> = {}) {
  const engine = new FakeTrainer();
  const checkpoints: RunCheckpoint[] = [];
  const rates: number[] = [];
  const run = new TrainingRun(engine, {
    oncheckpoint: (checkpoint) => checkpoints.push(checkpoint),
    onlearningrate: (rate) => rates.push(rate),
  });
  await run.prepare(recipe(changes));
  return { engine, run, checkpoints, rates };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}

async function trainTo(run: TrainingRun, step: number): Promise<void> {
  await run.start();
  await until(() => run.step >= step);
  await run.pause();
}

/** The first steps of the training curve. */
const first = (run: TrainingRun) => run.record.curves?.train.elbo.slice(0, 30);

describe('a run', () => {
  it('is ready at step 0 with an evaluation', async () => {
    const { run } = await prepared();
    expect(run.status).toBe('paused');
    expect(run.step).toBe(0);
    expect(run.record.curves?.heldOut.step).toEqual([0]);
    expect(run.record.observer.glimpse?.step).toBe(0);
  });

  it.each([
    [true, 'binary'],
    [false, 'grey'],
  ])('shows the drawing in the pixels that its model is of', async (binaryPixels, binarization) => {
    const engine = new FakeTrainer();
    engine.binaryPixels = binaryPixels;
    const call = vi.spyOn(engine, 'call');
    const run = new TrainingRun(engine, {});
    run.record.observer.subject = {
      points: Float32Array.of(0.5, 0.5),
      strokeLengths: Uint32Array.of(1),
      penWidth: 0.07,
    };
    await run.prepare(recipe());
    const asked = call.mock.calls.filter(([method]) => method === 'perceive');
    expect(asked.length).toBeGreaterThan(0);
    for (const [, parameters] of asked) expect(parameters[2]).toMatchObject({ binarization });
  });

  it('trains, evaluates at fixed steps, and stands still after a pause', async () => {
    const { run, checkpoints } = await prepared();
    await trainTo(run, 120);
    expect(run.status).toBe('paused');
    const { step } = run;
    expect(run.record.curves?.heldOut.step.slice(0, 12)).toEqual(
      [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 150].filter((at) => at <= step),
    );
    expect(run.record.curves?.train.step.at(-1)).toBe(step);
    expect(checkpoints.at(-1)?.step).toBe(step);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(run.step).toBe(step);
  });

  it('takes one step at a time', async () => {
    const { run } = await prepared();
    await run.stepOnce();
    await run.stepOnce();
    expect(run.step).toBe(2);
    expect(run.record.curves?.heldOut.step).toEqual([0, 1, 2]);
    await run.start();
    const before = run.step;
    await run.stepOnce();
    expect(run.status).toBe('running');
    await run.pause();
    expect(run.step).toBeGreaterThanOrEqual(before);
  });

  it('goes back to the same first weights, and keeps the curves to compare with', async () => {
    const { run } = await prepared();
    await trainTo(run, 50);
    const before = first(run);
    await run.reset();
    expect(run.step).toBe(0);
    expect(run.record.previous?.train.elbo.slice(0, 30)).toEqual(before);
    expect(run.record.curves?.train.elbo).toEqual([]);
    await trainTo(run, 50);
    expect(first(run)).toEqual(before);
  });

  it('gives other numbers from another seed', async () => {
    const one = await prepared();
    const other = await prepared({ seed: 18 });
    await trainTo(one.run, 40);
    await trainTo(other.run, 40);
    expect(first(one.run)).not.toEqual(first(other.run));
  });

  it('continues a checkpoint as if it had never stopped', async () => {
    const whole = await prepared();
    await trainTo(whole.run, 200);
    const half = await prepared();
    await trainTo(half.run, 60);
    const kept = half.checkpoints.at(-1);
    if (!kept) throw new Error('no checkpoint');
    const later = new TrainingRun(new FakeTrainer());
    await later.resume(recipe(), kept);
    expect(later.step).toBe(kept.step);
    expect(later.record.curves).toEqual(kept.history);
    await trainTo(later, 200);
    const length = Math.min(later.step, whole.run.step);
    expect(later.record.curves?.train.elbo.slice(0, length)).toEqual(
      whole.run.record.curves?.train.elbo.slice(0, length),
    );
  });

  it('is as it was after a checkpoint that cannot be read, and goes on if it was running', async () => {
    const { engine, run } = await prepared();
    await run.start();
    await until(() => run.step > 20);
    engine.failNext('resumeTrainer', 'checkpoint', 'not a whole safetensors checkpoint');
    const kept = {
      bytes: new Uint8Array(4),
      history: { stride: 1, ...run.record.curves } as never,
      strip: [],
    };
    await expect(run.resume(recipe(), kept)).rejects.toThrow('safetensors');
    const { step } = run;
    expect(run.status).toBe('running');
    await until(() => run.step > step);
    await run.pause();
    expect(run.record.curves?.train.step.slice(0, 5)).toEqual([1, 2, 3, 4, 5]);
  });

  it('changes the learning rate in flight', async () => {
    const { run } = await prepared();
    await run.start();
    await run.setLearningRate(0.02);
    await until(() => run.step > 10 && run.learningRate === 0.02);
    await run.pause();
    expect(run.step).toBeGreaterThan(10);
  });

  it('says that numbers stopped being finite, and draws no point for it', async () => {
    const { engine, run, rates } = await prepared();
    engine.notFinite.add(45);
    await trainTo(run, 60);
    expect(rates).toEqual([0.05]);
    expect(run.notice?.kind).toBe('recovered');
    expect(run.notice?.text).toContain('step 25');
    expect(run.notice?.text).toContain('0.05');
    const steps = run.record.curves?.train.step ?? [];
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
    expect(run.record.curves?.train.elbo).not.toContain(0);
  });

  it('stops with the reason when going back does not help', async () => {
    const { engine, run } = await prepared();
    await run.start();
    await until(() => run.step > 20);
    engine.failNext('train', 'non-finite', 'training diverged');
    await until(() => run.status === 'paused');
    expect(run.problem).toBe('training diverged');
  });

  it('trains on other data from where it stands', async () => {
    const { run } = await prepared();
    await trainTo(run, 30);
    const { step } = run;
    const other = source('strokes and mine');
    await run.changeData(other);
    expect(other.loads).toBe(1);
    expect(run.step).toBe(step);
    await trainTo(run, step + 10);
    expect(run.record.curves?.train.step.slice(0, 3)).toEqual([1, 2, 3]);
  });

  it('says why it could not be made, and cannot be started then', async () => {
    const { run } = await prepared();
    await expect(run.prepare(recipe({ data: source('mnist', 'fetch it first') }))).rejects.toThrow(
      'fetch it',
    );
    expect(run.status).toBe('failed');
    await run.start();
    expect(run.status).toBe('failed');
    await run.prepare(recipe());
    expect(run.status).toBe('paused');
  });
});

describe('a worker that dies', () => {
  it('is followed by one that goes on from the last checkpoint', async () => {
    const { engine, run } = await prepared();
    await trainTo(run, 40);
    const kept = run.step;
    const points = run.record.curves?.train.elbo ?? [];
    await run.start();
    await until(() => run.step > kept + 20);
    engine.die('out of memory');
    await until(() => run.notice !== undefined);
    expect(run.notice?.kind).toBe('restarted');
    expect(run.notice?.text).toContain('out of memory');
    expect(run.notice?.text).toContain(`step ${String(kept)}`);
    await until(() => run.status === 'running' && run.step > kept + 5);
    await run.pause();
    expect(run.record.curves?.train.elbo.slice(0, kept)).toEqual(points.slice(0, kept));
    expect(run.record.curves?.train.step).toEqual(Array.from({ length: run.step }, (_, at) => at + 1));
  });

  it('before any checkpoint: the same first weights', async () => {
    const { engine, run } = await prepared();
    await run.start();
    await until(() => run.step > 30);
    const before = run.record.curves?.train.elbo.slice(0, 10);
    engine.die();
    await until(() => run.notice !== undefined);
    await until(() => run.step > 30);
    await run.pause();
    if (before?.length) expect(run.record.curves?.train.elbo.slice(0, before.length)).toEqual(before);
    expect(run.notice?.text).toContain('step 0');
  });

  it('while nothing runs: stands ready again', async () => {
    const { engine, run } = await prepared();
    await trainTo(run, 20);
    const { step } = run;
    engine.die();
    await until(() => run.notice !== undefined && run.status === 'paused');
    expect(run.step).toBe(step);
    await trainTo(run, step + 10);
  });

  it('twice at the same step: stops with the reason instead of burning on', async () => {
    const { engine, run } = await prepared();
    await trainTo(run, 20);
    const { step } = run;
    engine.deadlyFrom = step;
    await run.start();
    await until(() => run.problem !== undefined);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(engine.deaths).toBe(2);
    expect(run.status).toBe('paused');
    expect(run.problem).toContain(`twice at step ${String(step)}`);
    expect(run.problem).toContain('too much memory');
    engine.deadlyFrom = Infinity;
    await trainTo(run, step + 10);
    expect(run.problem).toBeUndefined();
  });

  it('twice at a step that lies beyond the last checkpoint: stops there too', async () => {
    const { engine, run } = await prepared();
    engine.deadlyFrom = 60;
    await run.start();
    await until(() => run.problem !== undefined);
    expect(engine.deaths).toBe(2);
    expect(run.problem).toMatch(/twice at step 6\d/);
  });

  it('now and then, but further on each time: goes on', async () => {
    const { engine, run } = await prepared();
    for (const step of [30, 60, 90]) {
      await trainTo(run, step);
      await run.start();
      await until(() => run.step > step + 10);
      engine.die();
      await until(() => run.status === 'running');
      await run.pause();
    }
    expect(run.problem).toBeUndefined();
  });

  it('because the visitor chose threads: has not failed', async () => {
    const { engine, run } = await prepared();
    await trainTo(run, 20);
    await run.start();
    engine.die('to go on with 2 threads', true);
    await until(() => run.notice !== undefined);
    expect(run.notice?.kind).toBe('moved');
    expect(run.notice?.text).toMatch(/^Training goes on with 2 threads, from step \d+\.$/);
    await until(() => run.status === 'running');
    await run.pause();
  });
});

describe('a step that is cut', () => {
  it('is counted and measured when it ends, and a pause may come before that', async () => {
    const { engine, run } = await prepared();
    engine.slicesAStep = 5;
    await run.stepOnce();
    expect(run.step).toBe(1);
    await run.start();
    await until(() => run.step > 3);
    const rate = run.imagesPerSecond;
    expect(rate).toBeGreaterThan(0);
    await run.pause();
    expect(run.record.curves?.train.step).toEqual(Array.from({ length: run.step }, (_, at) => at + 1));
  });
});
