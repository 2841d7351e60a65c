// What was measured, as a table for a person, the same on the terminal and in results.md.
import { BASELINES } from './engines.mjs';
import { PYTORCH } from './native.mjs';
import { median } from './statistics.mjs';
import { operations, works } from './works.js';

/** Nats between two engines' losses that other initial weights and other noise explain. */
const LOSS_NOISE = 4;

/** @typedef {import('./measure.mjs').Measured} Measured */

const escape = (cell) => String(cell).replaceAll('|', '\\|');
const line = (cells) => `| ${cells.map(escape).join(' | ')} |`;

/** The first column is text, the others numbers. */
function table(head, rows, texts = 1) {
  const rule = head.map((_, column) => (column < texts ? '---' : '--:'));
  return [head, rule, ...rows].map(line).join('\n');
}

function timeAndSpeed({ milliseconds }, name) {
  const time = median(milliseconds.flat());
  return [time.toFixed(2), (operations(works[name]) / time / 1e6).toFixed(1)];
}

/** How many times as fast, by the rounds that both were measured in. */
function ratio(training, baseline) {
  if (!baseline) return '';
  const rounds = training.milliseconds.map(
    (times, round) => median(baseline.milliseconds[round]) / median(times),
  );
  return median(rounds).toFixed(2);
}

function trainingRows(measured, name) {
  const inTheBrowser = measured.filter(({ training }) => training[name]);
  const baselines = Object.keys(BASELINES).map(
    (id) => inTheBrowser.find(({ engine }) => engine.id === id)?.training[name],
  );
  const usual = median(inTheBrowser.map(({ training }) => training[name].loss));

  return inTheBrowser.map(({ engine, training: { [name]: training } }) => {
    const far = Math.abs(training.loss - usual) > LOSS_NOISE ? ' ≠' : '';
    return [
      name,
      engine.label,
      ...timeAndSpeed(training, name),
      ...baselines.map((baseline) => ratio(training, baseline)),
      `${training.loss.toFixed(1)}${far}`,
    ];
  });
}

function nativeRows(native, name) {
  return native.map(({ program, threads, training: { [name]: training } }) => {
    const peer = native.find((other) => other.program === PYTORCH && other.threads === threads);
    return [name, program, threads, ...timeAndSpeed(training, name), ratio(training, peer?.training[name])];
  });
}

/**
 * @param {object} results
 * @param {Measured[]} results.measured
 * @param {import('./native.mjs').Native[]} results.native
 * @param {string[]} results.missing
 * @param {string[]} results.names works
 * @param {(id: string) => number} results.shipped
 */
export function report({ measured, native, missing, names, shipped }) {
  const parts = [];
  const rows = names.flatMap((name) => trainingRows(measured, name));
  if (rows.length) {
    const ratios = Object.values(BASELINES);
    parts.push(table(['work', 'engine', 'ms/step', 'GFLOP/s', ...ratios, 'loss, step 65'], rows, 2));
  }
  if (native.length) {
    const head = ['work', 'native', 'threads', 'ms/step', 'GFLOP/s', '× PyTorch, as many threads'];
    const rows = names.flatMap((name) => nativeRows(native, name));
    parts.push(table(head, rows, 2));
  }

  const engineRows = measured.map(({ engine, image, posterior, roofline }) => [
    engine.label,
    image ? median(image).toFixed(3) : '',
    posterior ? median(posterior).toFixed(2) : '',
    (shipped(engine.id) / 1000).toFixed(0),
    roofline ? median(roofline).toFixed(1) : '',
  ]);
  parts.push(
    table(
      ['engine', 'one image, ms', 'exact posterior, ms', 'code, kB gzip -9', 'limit, GFLOP/s'],
      engineRows,
    ),
  );
  if (missing.length) parts.push(missing.map((text) => `- ${text}`).join('\n'));
  return parts.join('\n\n');
}
