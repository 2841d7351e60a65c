// A run on the page, killed again and again at random moments: its worker by an error, or the whole browser by the system's
// SIGKILL, which nothing can answer. After each, the run goes on from what was kept.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { launchIn } from '../../scripts/built-site.mjs';
import { serveFolder } from '../../scripts/servers.mjs';

/** Small, so that steps are quick; held-out figures are looked at by the way. */
const OPTIONS = 'images:400,hidden:~32,batchSize:32';
/** How often the page saves, seconds: www/labs/train/run/checkpointPace.ts. */
const INTERVAL_S = 3;

const number = (text) => Number(text.replaceAll(',', ''));
const stepsDone = async (page) => number(await page.getByTestId('step').innerText());
const button = (page, name) => page.getByRole('button', { name, exact: true });

async function openRun(context, address) {
  const page = await context.newPage();
  page.failures = [];
  page.on('pageerror', (error) => page.failures.push(String(error)));
  await page.goto(`${address}#lab=train&train=${OPTIONS}`);
  await button(page, 'Start training').waitFor({ timeout: 120_000 });
  await page.waitForFunction(() => !document.querySelector('button[disabled].primary'));
  return page;
}

async function trainingWorker(page) {
  for (const worker of page.workers()) {
    if (/^train:/.test(await worker.evaluate(() => self.name).catch(() => ''))) return worker;
  }
  throw new Error('no worker trains');
}

/** Until more steps are done than that. */
async function passes(page, steps) {
  const until = Date.now() + 120_000;
  while (Date.now() < until) {
    if ((await stepsDone(page)) > steps) return;
    await page.waitForTimeout(50);
  }
  throw new Error(`no step after ${steps} in two minutes`);
}

/** Steps and the time they were seen at: how long ago was a step done? */
class Pace {
  #seen = [];
  add(steps) {
    this.#seen.push({ steps, at: Date.now() });
  }
  /** Seconds between that step and the last one seen. */
  since(steps) {
    const last = this.#seen.at(-1);
    const then = this.#seen.findLast((seen) => seen.steps <= steps) ?? this.#seen[0];
    return (last.at - then.at) / 1000;
  }
}

/** Watches a run for a while. */
async function watch(page, pace, seconds) {
  const until = Date.now() + 1000 * seconds;
  while (Date.now() < until) {
    pace.add(await stepsDone(page));
    await page.waitForTimeout(40);
  }
  const steps = await stepsDone(page);
  pace.add(steps);
  return steps;
}

export async function kills(count, { random = Math.random, tell = () => undefined } = {}) {
  const server = await serveFolder('dist');
  const folder = mkdtempSync(join(tmpdir(), 'latent-canvas-'));
  let context = await launchIn(folder);
  const lost = [];
  const wrong = [];
  try {
    let page = await openRun(context, server.address);
    await button(page, 'Start training').click();
    // Before the first save there is nothing to lose.
    await button(page, 'Kept in this browser').waitFor({ timeout: 60_000 });
    for (let kill = 0; kill < count; kill += 1) {
      const pace = new Pace();
      const before = await watch(page, pace, 0.5 + 6 * random());
      const isBrowser = kill % 2 === 1;
      let from;
      if (isBrowser) {
        const failures = page.failures.splice(0);
        spawnSync('pkill', ['-KILL', '-f', folder]);
        context = await launchIn(folder);
        page = await openRun(context, server.address);
        page.failures.push(...failures);
        const offer = page.getByRole('region', { name: 'Saved run' });
        from = number(/([\d,]+) steps/.exec(await offer.innerText())?.[1] ?? 'none');
        await button(page, 'Resume run').click();
      } else {
        const worker = await trainingWorker(page);
        await worker.evaluate(() => {
          setTimeout(() => {
            throw new Error('killed');
          });
        });
        const notice = page.getByText(/The training worker stopped .* was restarted/).last();
        await notice.waitFor({ timeout: 60_000 });
        from = number(/step ([\d,]+)/.exec(await notice.innerText())?.[1] ?? 'none');
        await page
          .getByRole('button', { name: /^(Close|Dismiss)/ })
          .last()
          .click()
          .catch(() => undefined);
      }
      if (!(from > 0)) wrong.push(`kill ${kill}: nothing to go on from`);
      await passes(page, from);
      const seconds = pace.since(from);
      lost.push(seconds);
      wrong.push(...page.failures.splice(0).filter((failure) => !failure.includes('killed')));
      tell(kill, isBrowser ? 'browser' : 'worker', before, from, seconds);
    }
  } finally {
    await context.close();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
  return { kills: lost.length, longestLostS: Math.max(...lost), intervalS: INTERVAL_S, lost, wrong };
}
