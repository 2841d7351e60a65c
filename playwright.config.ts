import { execFileSync } from 'node:child_process';

import { defineConfig } from '@playwright/test';

/** A port that nobody listens on. The workers read this file too and must agree on it. */
function freePort(): string {
  const script =
    'const s = require("node:net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })';
  return execFileSync(process.execPath, ['--eval', script], { encoding: 'utf8' }).trim();
}

process.env.E2E_PORT ??= freePort();
const address = `http://127.0.0.1:${process.env.E2E_PORT}/`;

// The tests drive the built site, as a visitor gets it: `make build` comes before them.
export default defineConfig({
  testDir: 'tests/e2e',
  outputDir: '.cache/playwright',
  reporter: [['list']],
  forbidOnly: !!process.env.CI,
  // A test that passes at the second try is a broken test.
  retries: 0,
  // A page that waits leaves its core to another; figures that are told in time are ratios of one page.
  workers: 2,
  timeout: 180_000,
  expect: { timeout: 40_000 },
  use: {
    baseURL: address,
    viewport: { width: 1280, height: 900 },
    // Each test would keep the whole page once more: only those about that do.
    serviceWorkers: 'block',
    // A trace of every test costs time that few tests that fail repay: TRACE=on records it.
    trace: process.env.TRACE === 'on' ? 'retain-on-failure' : 'off',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
      ],
    },
  },
  projects: [{ name: 'chromium', use: { browserName: 'chromium' } }],
  webServer: {
    command: 'node scripts/serve.mjs dist',
    url: address,
    env: { HOST: '127.0.0.1', PORT: process.env.E2E_PORT },
    reuseExistingServer: false,
  },
});
