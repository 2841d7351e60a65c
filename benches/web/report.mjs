// What was measured, as a table for a person, the same on the terminal and in results.md.
import { BASELINES } from './engines.mjs';
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

const stepTime = ({ milliseconds }) => median(milliseconds.flat());

/** How many times as fast, by the rounds that both were measured in. */
function ratio(training, baseline) {
  if (!baseline) return '';
  const rounds = training.milliseconds.map(
    (times, round) => median(baseline.milliseconds[round]) / median(times),
  );
  return median(rounds).toFixed(2);
}

function trainingRows(measured, native, name) {
  const work = works[name];
  const speed = (time) => (operations(work) / time / 1e6).toFixed(1);
  const inTheBrowser = measured.filter(({ training }) => training[name]);
  const baselines = BASELINES.map(
    (id) => inTheBrowser.find(({ engine }) => engine.id === id)?.training[name],
  );
  const usual = median(inTheBrowser.map(({ training }) => training[name].loss));

  const rows = inTheBrowser.map(({ engine, training: { [name]: training } }) => {
    const time = stepTime(training);
    const far = Math.abs(training.loss - usual) > LOSS_NOISE ? ' ≠' : '';
    return [
      name,
      engine.label,
      time.toFixed(2),
      speed(time),
      ...baselines.map((baseline) => ratio(training, baseline)),
      `${training.loss.toFixed(1)}${far}`,
    ];
  });
  // Not in the same rounds, so what its ratio is worth depends on how still the machine was.
  const nativeRows = native.map(({ label, milliseconds: { [name]: time } }) => [
    name,
    label,
    time.toFixed(2),
    speed(time),
    ...baselines.map((baseline) => (baseline ? `~${(stepTime(baseline) / time).toFixed(2)}` : '')),
    '',
  ]);
  return [...rows, ...nativeRows];
}

/**
 * @param {object} results
 * @param {Measured[]} results.measured
 * @param {{ label: string, milliseconds: Record<string, number> }[]} results.native
 * @param {string[]} results.missing
 * @param {string[]} results.names works
 * @param {(id: string) => number} results.shipped
 */
export function report({ measured, native, missing, names, shipped }) {
  const parts = [];
  const rows = names.flatMap((name) => trainingRows(measured, native, name));
  if (rows.length) {
    const head = ['work', 'engine', 'ms/step', 'GFLOP/s', '× burn-flex', '× plain candle', 'loss, step 65'];
    parts.push(table(head, rows, 2));
  }

  const engineRows = measured.map(({ engine, image, roofline }) => [
    engine.label,
    image ? median(image).toFixed(3) : '',
    (shipped(engine.id) / 1000).toFixed(0),
    roofline ? median(roofline).toFixed(1) : '',
  ]);
  parts.push(table(['engine', 'one image, ms', 'code, kB gzip -9', 'limit, GFLOP/s'], engineRows));
  if (missing.length) parts.push(missing.map((text) => `- ${text}`).join('\n'));
  return parts.join('\n\n');
}
