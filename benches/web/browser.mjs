// One page an engine in one Chromium.
import { chromium } from '@playwright/test';

/** @typedef {(method: string, ...parameters: unknown[]) => Promise<any>} Call runs a method of page/worker.js */

/** @param {string} address */
export async function launch(address) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  });
  const context = await browser.newContext();

  return {
    version: browser.version(),

    /**
     * Opens the page of an engine.
     * @param {import('./engines.mjs').Engine} engine
     * @returns {Promise<Call>}
     */
    async open({ id, driver, package: path, options }) {
      const page = await context.newPage();
      page.on('console', (message) => console.error(`${id}: ${message.text()}`));
      await page.goto(`${address}/${id}/page/page.html`);
      const call = (method, ...parameters) =>
        page.evaluate(([name, values]) => window.engine[name](...values), [method, parameters]);
      if (!(await page.evaluate(() => crossOriginIsolated)))
        throw new Error('The page has no shared memory.');
      await call('open', driver, { package: path, ...options });
      return call;
    },

    close: () => browser.close(),
  };
}
