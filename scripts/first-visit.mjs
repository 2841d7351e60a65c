// A first visit of the built site: when something is seen, when it is alive, what moved meanwhile, what it downloaded.
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serveFolder } from './servers.mjs';

const FOLDER = 'dist';
const ENDINGS = { 'as it is': '', gzip: '.gz', brotli: '.br' };

/** What a file takes on the way, from a host that compresses so. */
function bytesOf(path, ending) {
  const file = join(FOLDER, path === '' ? 'index.html' : path);
  const packed = statSync(file + ending, { throwIfNoEntry: false });
  return (packed ?? statSync(file)).size;
}

/** @param {Awaited<ReturnType<import('./built-site.mjs').openSite>>} site */
export async function firstVisit(site) {
  const page = await site.newPage();
  const asked = [];
  page.on('request', (request) => {
    if (request.url().startsWith(site.address)) asked.push(request.url().slice(site.address.length));
  });
  await page.addInitScript(() => {
    window.layoutShift = 0;
    new PerformanceObserver((list) => {
      for (const { value } of list.getEntries()) window.layoutShift += value;
    }).observe({ type: 'layout-shift', buffered: true });
    const timer = setInterval(() => {
      if (!document.querySelector('[data-live=true]')) return;
      clearInterval(timer);
      window.liveMs = performance.now();
    }, 2);
  });
  await page.goto(site.address);
  await page.waitForFunction(() => window.liveMs);
  const files = [...asked];
  // What comes later must not move anything either.
  await page.waitForSelector('[data-settled=true]');
  await page.waitForTimeout(1_500);
  const seen = await page.evaluate(() => ({
    // The canvases are painted by a script before it, so they are part of the first contentful paint.
    pictureMs: performance.getEntriesByName('first-contentful-paint')[0]?.startTime,
    liveMs: window.liveMs,
    layoutShift: window.layoutShift,
  }));
  await page.context().close();
  const bytes = Object.fromEntries(
    Object.entries(ENDINGS).map(([name, ending]) => [
      name,
      [...new Set(files)].reduce((sum, path) => sum + bytesOf(path, ending), 0),
    ]),
  );
  return { ...seen, files, bytes };
}

/**
 * The least that a page can take: from opening one of a single heading to its first picture, in the same browser. What
 * machine and browser need by themselves is in it.
 *
 * @param {Awaited<ReturnType<import('./built-site.mjs').openSite>>} site
 */
export async function emptyVisit(site) {
  const folder = mkdtempSync(join(tmpdir(), 'empty-'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Empty</title><h1>Nothing</h1>');
  const server = await serveFolder(folder);
  try {
    const page = await site.newPage();
    await page.goto(server.address);
    const pictureMs = () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime;
    const found = await (await page.waitForFunction(pictureMs)).jsonValue();
    await page.context().close();
    return found;
  } finally {
    server.close();
    rmSync(folder, { recursive: true });
  }
}

/** Fetches all these files, as a browser does at a first visit; gives every answer's status. */
export async function wholeVisit(address, files) {
  return Promise.all(
    files.map(async (file) => {
      const answer = await fetch(new URL(file, address));
      await answer.arrayBuffer();
      return answer.status;
    }),
  );
}
