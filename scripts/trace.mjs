// Whether the page stays smooth while it trains at full speed: draws with the pen meanwhile, pauses, and
// prints how long frames, reconstructions and the pause took. The trace of it all, .cache/trace.json,
// opens in the browser's developer tools under Performance.
import { mkdirSync } from 'node:fs';
import { median, openSite, quantile } from './built-site.mjs';

const TRACE = '.cache/trace.json';
const WARM_UP_MS = 3000;
const STROKES = 6;
const MOVES_A_STROKE = 24;
const MOVE_INTERVAL_MS = 16;
const PAUSES = 7;

/** In the page: notes frames, and how long after a move of the pen the reconstruction is painted. */
function watch() {
  const record = { frames: [], reconstructions: [] };
  window.record = record;
  let moved;
  let last = performance.now();
  const frame = (now) => {
    record.frames.push(now - last);
    last = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  // The first move that no picture has answered yet counts, not the last one.
  addEventListener('pointermove', () => (moved ??= performance.now()), { capture: true });
  const paint = CanvasRenderingContext2D.prototype.putImageData;
  CanvasRenderingContext2D.prototype.putImageData = function (...parameters) {
    paint.apply(this, parameters);
    if (this.canvas.getAttribute('aria-label') !== 'Reconstruction' || moved === undefined) return;
    record.reconstructions.push(performance.now() - moved);
    moved = undefined;
  };
}

/** In the page: milliseconds from the click on Pause until the run says that it stands. */
const timePause = () =>
  new Promise((done) => {
    const button = [...document.querySelectorAll('button')].find((each) =>
      each.textContent.includes('Pause training'),
    );
    const start = performance.now();
    const observer = new MutationObserver(() => {
      if (!button.textContent.includes('Start training')) return;
      observer.disconnect();
      done(performance.now() - start);
    });
    observer.observe(button, { childList: true, characterData: true, subtree: true });
    button.click();
  });

/** Draws some strokes and waits for nothing: the times are the page's own. */
async function draw(page) {
  const canvas = page.getByLabel('Drawing canvas');
  await canvas.scrollIntoViewIfNeeded();
  const field = await canvas.boundingBox();
  await page.evaluate(() => {
    window.record.frames.length = 0;
    window.record.reconstructions.length = 0;
  });
  for (let stroke = 0; stroke < STROKES; stroke += 1) {
    const at = (share) => [
      field.x + field.width * (0.25 + 0.5 * share),
      field.y + field.height * (0.5 + 0.3 * Math.sin(6 * share + stroke)),
    ];
    await page.mouse.move(...at(0));
    await page.mouse.down();
    for (let move = 1; move <= MOVES_A_STROKE; move += 1) {
      await page.mouse.move(...at(move / MOVES_A_STROKE));
      await page.waitForTimeout(MOVE_INTERVAL_MS);
    }
    await page.mouse.up();
  }
  return page.evaluate(() => window.record);
}

function say(what, values) {
  if (values.length === 0) throw new Error(`no ${what} was seen`);
  console.log(
    `${what}: median ${median(values).toFixed(1)} ms, 95 % within ${quantile(values, 0.95).toFixed(1)} ms ` +
      `(${values.length} measured)`,
  );
}

mkdirSync('.cache', { recursive: true });
const site = await openSite();
try {
  const page = await site.newPage();
  await page.addInitScript(watch);
  await page.goto(`${site.address}#lab=train`);
  const startButton = page.getByRole('button', { name: 'Start training', exact: true });
  await startButton.waitFor();
  await page.waitForTimeout(WARM_UP_MS);
  console.log(`Chromium ${site.browser.version()}, before training`);
  const before = await draw(page);
  say('frames', before.frames);
  say('pen → reconstruction', before.reconstructions);

  await startButton.click();
  await page.waitForTimeout(WARM_UP_MS);
  await site.browser.startTracing(page, { path: TRACE });
  const { frames, reconstructions } = await draw(page);
  const rate = await page.getByTestId('images-per-second').innerText();
  await site.browser.stopTracing();
  console.log(`training at ${rate} images/s`);
  say('frames', frames);
  say('pen → reconstruction', reconstructions);

  const pauses = [];
  for (let count = 0; count < PAUSES; count += 1) {
    pauses.push(await page.evaluate(timePause));
    await startButton.click();
    await page.waitForTimeout(500);
  }
  say('Pause → paused', pauses);
  console.log(`trace: ${TRACE}`);
} finally {
  await site.close();
}
