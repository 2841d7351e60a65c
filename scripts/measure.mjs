// Measures the built site in a real Chromium, as the README's and the notes' figures are: sizes, the
// times to the first picture, to the first live reconstruction and to an exact log p(x), what a first visit
// downloads, thirty visits at once, and the images trained a second. Run it on a machine that does nothing else.
import { readdirSync, readFileSync } from 'node:fs';
import { constants, gzipSync } from 'node:zlib';
import { median, openSite } from './built-site.mjs';
import { emptyVisit, firstVisit, wholeVisit } from './first-visit.mjs';
import { longestParts, longestPieces } from './longest-part.mjs';

const VISITS = 5;
const TOGETHER = 30;
const DIGITS = ['3', '8', '4', '5', '2'];
const TRAINING_READINGS = 8;
const READING_MS = 4000;
/** Linear, spherical, geodesic. */
const PATHS = 3;
const PAIRS = 8;

const range = (values, digits = 0) =>
  `${median(values).toFixed(digits)} (${Math.min(...values).toFixed(digits)} to ${Math.max(...values).toFixed(digits)})`;

for (const name of readdirSync('dist/assets').filter((file) => /^(index-.*\.js|.*\.wasm)$/.test(file))) {
  const bytes = readFileSync(`dist/assets/${name}`);
  const zipped = gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION }).length;
  console.log(`${name}: ${bytes.length} bytes, ${zipped} gzip -9`);
}

const site = await openSite();
console.log(`Chromium ${site.browser.version()}`);

/** The page, opened for the first time. */
async function visit(hash = '') {
  const page = await site.newPage();
  await page.addInitScript(() => {
    const timer = setInterval(() => {
      if (!document.querySelector('[data-live=true]')) return;
      window.isLive = true;
      clearInterval(timer);
    }, 5);
    // How long the workers take for log p(x) of several images, from the request to the answer.
    window.pathsMs = [];
    const post = Worker.prototype.postMessage;
    Worker.prototype.postMessage = function (message, ...rest) {
      if (message?.path?.includes('logLikelihoods')) {
        const start = performance.now();
        const answered = ({ data }) => {
          if (data?.id !== message.id) return;
          window.pathsMs.push(performance.now() - start);
          this.removeEventListener('message', answered);
        };
        this.addEventListener('message', answered);
      }
      return post.call(this, message, ...rest);
    };
  });
  await page.goto(`${site.address}${hash}`);
  await page.waitForFunction(() => window.isLive);
  return page;
}

try {
  const first = [];
  const empty = [];
  // In turn, so that both meet the same machine.
  for (let count = 0; count < VISITS; count += 1) {
    first.push(await firstVisit(site));
    empty.push(await emptyVisit(site));
  }
  const of = (figure) => first.map((one) => one[figure]);
  console.log(`opened → first picture: ${range(of('pictureMs'))} ms`);
  const ratio = median(of('pictureMs')) / median(empty);
  console.log(
    `an empty page, opened → first picture: ${range(empty)} ms; this one takes ${ratio.toFixed(1)} times as long`,
  );
  console.log(`opened → first live reconstruction: ${range(of('liveMs'))} ms`);
  console.log(`layout shift: ${range(of('layoutShift'), 4)}`);
  for (const [encoding, bytes] of Object.entries(first[0].bytes)) {
    console.log(`downloaded until then (${encoding}): ${(bytes / 1e6).toFixed(3)} MB`);
  }
  const start = performance.now();
  const together = await Promise.all(
    Array.from({ length: TOGETHER }, () => wholeVisit(site.address, first[0].files)),
  );
  console.log(
    `${TOGETHER} cold loads at once: ${together.flat().filter((status) => status === 200).length} of ` +
      `${together.flat().length} files served, ${(performance.now() - start).toFixed(0)} ms`,
  );

  const drawing = await visit();
  await drawing.waitForSelector('[data-settled=true]');
  const exact = [];
  for (const digit of DIGITS) {
    exact.push(
      await drawing.evaluate(
        (name) =>
          new Promise((done) => {
            const figure = document.querySelector('[data-settled]');
            const start = performance.now();
            let began = false;
            const observer = new MutationObserver(() => {
              began ||= figure.dataset.settled === 'false';
              if (!began || figure.dataset.settled !== 'true') return;
              observer.disconnect();
              done(performance.now() - start);
            });
            observer.observe(figure, { attributes: true });
            document.querySelector(`[aria-label="${name}"]`).click();
          }),
        `Random ${digit}`,
      ),
    );
  }
  console.log(`drawn → exact log p(x), the rest of the pen included: ${range(exact)} ms`);
  await drawing.context().close();

  const interpolating = await visit('#lab=interpolate');
  const found = [];
  await interpolating.waitForFunction((paths) => window.pathsMs.length >= paths, PATHS);
  for (let pair = 0; pair < PAIRS; pair += 1) {
    await interpolating.evaluate(() => (window.pathsMs.length = 0));
    await interpolating
      .getByRole('button', { name: /^Another digit for/ })
      .first()
      .click();
    await interpolating.waitForFunction((paths) => window.pathsMs.length >= paths, PATHS);
    found.push((await interpolating.evaluate(() => window.pathsMs)).reduce((sum, ms) => sum + ms, 0));
  }
  console.log(`log p(x) of the three paths of Interpolate, 17 images each: ${range(found)} ms`);
  await interpolating.context().close();

  const training = await visit('#lab=train');
  await training.getByRole('button', { name: 'Start training', exact: true }).click();
  const rates = [];
  for (let reading = 0; reading < TRAINING_READINGS; reading += 1) {
    await training.waitForTimeout(READING_MS);
    const text = await training.evaluate(() => document.body.innerText);
    rates.push(Number(/images\/s\s+([\d,]+)/.exec(text)?.[1]?.replaceAll(',', '')));
  }
  console.log(`training at the default setting: ${range(rates)} images/s`);
} finally {
  await site.close();
}

for (const { name, longestMs } of longestParts()) {
  console.log(`longest part of a step, ${name}: ${longestMs.toFixed(0)} ms`);
}
for (const { name, longestMs } of longestPieces()) {
  console.log(`longest piece of a race, ${name}: ${longestMs.toFixed(0)} ms`);
}
