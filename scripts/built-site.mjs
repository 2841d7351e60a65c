// The built site, or another folder, served on a free port and opened in a real Chromium.
import { chromium } from '@playwright/test';
import { serveFolder } from './servers.mjs';

const launchOptions = {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
};

export const launchChromium = () => chromium.launch(launchOptions);

/** One that keeps what its pages store in a folder, past its own end. */
export const launchIn = (folder) => chromium.launchPersistentContext(folder, launchOptions);

export async function openSite(folder = 'dist', ...options) {
  const server = await serveFolder(folder, ...options);
  const browser = await launchChromium();
  return {
    browser,
    address: server.address,
    /** A page in a context of its own, where nothing is cached. */
    async newPage() {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
      return context.newPage();
    },
    async close() {
      await browser.close();
      server.close();
    },
  };
}

const sorted = (values) => values.toSorted((a, b) => a - b);
/** The value below which that share of the values lies. */
export const quantile = (values, share) =>
  sorted(values)[Math.min(Math.floor(values.length * share), values.length - 1)];
export const median = (values) => quantile(values, 0.5);
