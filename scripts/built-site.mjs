// The built site, or another folder, served on a free port and opened in a real Chromium.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chromium } from '@playwright/test';

export async function openSite(folder = 'dist', ...options) {
  const server = spawn(process.execPath, ['scripts/serve.mjs', folder, ...options], {
    env: { ...process.env, HOST: '127.0.0.1', PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(server, 'exit').then(() => {
    throw new Error(`the server of ${folder} ended before it served`);
  });
  const [greeting] = await Promise.race([once(server.stdout, 'data'), ended]);
  // From now on its end is no news.
  ended.catch(() => undefined);
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
  });
  return {
    browser,
    address: /http:\S+/.exec(greeting.toString())[0],
    /** A page in a context of its own, where nothing is cached. */
    async newPage() {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
      return context.newPage();
    },
    async close() {
      await browser.close();
      server.kill();
    },
  };
}

const sorted = (values) => values.toSorted((a, b) => a - b);
/** The value below which that share of the values lies. */
export const quantile = (values, share) =>
  sorted(values)[Math.min(Math.floor(values.length * share), values.length - 1)];
export const median = (values) => quantile(values, 0.5);
