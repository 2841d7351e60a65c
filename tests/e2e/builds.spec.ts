// The package's builds: the same numbers from each, and each where it belongs.
import { existsSync } from 'node:fs';

import { expect, type Page, test } from '@playwright/test';

import { type Server, serve } from './server';
import { openExpert } from './training';

type Package = typeof import('../../pkg/latent_canvas.js') & {
  startThreads?(count: number): Promise<void>;
};

interface Results {
  build: string;
  threads: number;
  /** What must agree. */
  numbers: number[];
}

const hasThreads = existsSync('pkg/threads');
const noThreads = 'the build with threads needs the component rust-src';

let server: Server;

test.beforeAll(async () => {
  server = await serve('.');
});

test.afterAll(() => server.process.kill());

/** Training, inference and exact integration by the build at this address. */
async function work(address: string): Promise<Results> {
  const engine = (await import(address)) as Package;
  await engine.default();
  await engine.startThreads?.(2);
  const spec = { model: 'vae', latents: 2, hidden: [48], activation: 'softplus' };
  const dataset = engine.Dataset.strokes(640, 3);
  const options = { batchSize: 128, learningRate: 0.002, seed: 5, binarization: 'dynamic' } as const;
  const trainer = new engine.Trainer(new engine.Model(spec, 7), dataset, options);
  const numbers = [trainer.step(1).loss, trainer.step(20).loss];
  const model = trainer.model();
  const image = dataset.images(0, 1);
  const { mean } = model.encode(image) as { mean: Float32Array };
  numbers.push(...mean, ...model.decode(mean).slice(300, 400));
  numbers.push(model.logLikelihood(image, { estimator: 'quadrature' }).logLikelihood);
  numbers.push(model.logLikelihood(image, { estimator: 'importance', samples: 200, seed: 1 }).logLikelihood);
  const posterior = new engine.LatentGrid(model).posterior(image);
  numbers.push(posterior.logLikelihood);
  return { build: engine.buildName(), threads: engine.threadCount(), numbers };
}

/** As an application without a bundler has it done: in a worker, for a page's own thread must not wait for others. */
async function compute(page: Page, folder: string): Promise<Results> {
  await page.goto(`${server.address}package.json`);
  const address = `${server.address}${folder}/latent_canvas.js`;
  const script = `(${work.toString()})(${JSON.stringify(address)}).then(
    (results) => postMessage({ results }),
    (error) => postMessage({ error: String(error) }),
  )`;
  return page.evaluate(
    (script) =>
      new Promise<Results>((resolve, reject) => {
        const source = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
        new Worker(source, { type: 'module' }).onmessage = ({ data }: MessageEvent) => {
          const { results, error } = data as { results?: Results; error?: string };
          if (results) resolve(results);
          else reject(new Error(error));
        };
      }),
    script,
  );
}

function largestDifference(found: Results, wanted: Results): number {
  const pairs = found.numbers.map((value, at) => [value, wanted.numbers[at] ?? NaN] as const);
  return Math.max(...pairs.map(([a, b]) => Math.abs(a - b) / Math.max(1, Math.abs(b))));
}

test('gives the same bits twice, and the same numbers from every build', async ({ page }) => {
  const plain = await compute(page, 'pkg');
  expect(plain).toMatchObject({ build: 'simd128', threads: 1 });
  expect(plain.numbers.every(Number.isFinite)).toBe(true);
  expect(await compute(page, 'pkg')).toEqual(plain);

  const relaxed = await compute(page, 'pkg/relaxed');
  expect(relaxed).toMatchObject({ build: 'relaxed-simd', threads: 1 });
  expect(largestDifference(relaxed, plain)).toBeLessThan(1e-4);
  test.skip(!hasThreads, noThreads);
  const threads = await compute(page, 'pkg/threads');
  expect(threads).toMatchObject({ build: 'relaxed-simd+threads', threads: 2 });
  expect(largestDifference(threads, relaxed)).toBeLessThan(1e-4);
});

test('the Train lab says which build runs, changes its threads, and tests its speed', async ({ page }) => {
  await page.goto('#lab=train&train=images:400,hidden:~32,batchSize:32');
  const start = page.getByRole('button', { name: 'Start training', exact: true });
  await expect(start).toBeEnabled({ timeout: 60_000 });
  await openExpert(page);
  const build = page.getByTestId('build');
  await expect(build).toHaveText(/^relaxed-simd/);

  const threads = page.getByLabel('Threads');
  const choices = await threads.locator('option').allInnerTexts();
  expect(choices).toContain('2');
  await page.getByRole('button', { name: 'Step', exact: true }).click();
  await expect(page.getByTestId('step')).toHaveText('1');
  const before = await page.getByTestId('threads').innerText();
  if (hasThreads) {
    await threads.selectOption(before === '2' ? '1' : '2');
    await expect(page.getByTestId('threads')).toHaveText(before === '2' ? '1' : '2');
    await expect(build).toHaveText(before === '2' ? 'relaxed-simd' : 'relaxed-simd+threads');
  }
  // The run has moved into the new worker.
  await expect(page.getByTestId('step')).toHaveText('1');
  await start.click();
  await expect(page.getByTestId('gigaflops')).toHaveText(/^\d+\.\d$/);

  // The self-test pauses the run, and the run goes on after it.
  await page.getByRole('button', { name: 'Test the speed' }).click();
  await expect(page.getByTestId('self-test')).toContainText('GFLOP/s', { timeout: 60_000 });
  const share = Number(/at (\d+) % of it/.exec(await page.getByTestId('self-test').innerText())?.[1]);
  expect(share).toBeGreaterThan(0);
  expect(share).toBeLessThan(120);
  const pause = page.getByRole('button', { name: 'Pause training', exact: true });
  await expect(pause).toBeEnabled();
  await pause.click();
  await expect(start).toBeEnabled();
});

test('the page comes with the small build; the rest follows the first model that asks for it', async ({
  page,
}) => {
  const fetched = new Set<string>();
  page.context().on('response', (response) => {
    if (response.url().endsWith('.wasm')) fetched.add(response.url());
  });
  await page.goto('#lab=map');
  const evidence = page.locator('.evidence [data-settled]');
  await expect(evidence).toHaveAttribute('data-settled', 'true');
  expect(fetched.size).toBe(1);

  // A family that only the whole package knows, and back: what was there before still answers.
  const choose = async (name: RegExp): Promise<void> => {
    await page.getByRole('button', { name: /^model/i }).click();
    await page.getByRole('group', { name: 'Models' }).getByRole('button', { name }).click();
    await expect(page.getByRole('button', { name: /^model/i })).toHaveText(name);
    await expect(evidence).toHaveAttribute('data-settled', 'true');
    await expect(evidence).toHaveText(/\d\.\d/);
  };
  await choose(/principal components/);
  expect(fetched.size).toBe(2);
  await choose(/MNIST, 2 latents(?!, β)/);
  await choose(/MNIST, by class/);
  expect(fetched.size).toBe(2);
});

test('with two threads, a run at the options’ upper limits takes its step', async ({ page }) => {
  test.skip(!hasThreads, noThreads);
  test.setTimeout(400_000);
  const largest = 'images:2048,latents:128,hidden:~1024~1024~1024~1024,batchSize:2048,seed:1';
  await page.goto(`#lab=train&train=${largest}`);
  const start = page.getByRole('button', { name: 'Start training', exact: true });
  await expect(start).toBeEnabled({ timeout: 60_000 });
  await openExpert(page);
  await page.getByLabel('Threads').selectOption('2');
  await expect(page.getByTestId('build')).toHaveText('relaxed-simd+threads');
  const elbo = page.getByTestId('held-out-elbo');
  await expect(elbo).toHaveText(/\d\.\d/, { timeout: 60_000 });
  const before = await elbo.innerText();
  await page.getByRole('button', { name: 'Step', exact: true }).click();
  await expect(page.getByTestId('step')).toHaveText('1', { timeout: 150_000 });
  await expect(elbo).not.toHaveText(before, { timeout: 60_000 });
  await expect(page.getByText(/stopped|too much memory/)).toHaveCount(0);
});
