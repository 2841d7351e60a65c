/** Addresses come from anybody. `FUZZ_ITERATIONS` makes the run longer. */
import { expect, it } from 'vitest';

import { Random } from './random';
import { encodeSketch, fromHash, toHash } from './url';

const iterations = Number(process.env.FUZZ_ITERATIONS ?? 20_000);

const whole = toHash({
  lab: 'train',
  model: 'mnist-2d',
  seed: 7,
  binarization: 'grey',
  training: { learningRate: 0.001, hidden: [400, 200], objective: 'elbo' },
  settings: { story: { chapter: 3 }, sample: { count: 25, temperature: 0.5 } },
  sketch: { strokes: [[0.25, 0.25, 0.5, 0.75, 0.75, 0.25]], penWidth: 0.0625 },
});
const seeds = [
  whole,
  encodeURIComponent(whole),
  whole.replaceAll('&', '&amp;'),
  '#lab=map',
  `#d=${encodeSketch({
    strokes: [
      [0, 0],
      [1, 1, 0.5, 0.5],
    ],
    penWidth: 0.16,
  })}`,
];
const pieces = [
  '%',
  '%25',
  '%2',
  '&',
  '=',
  '#',
  ':',
  '~',
  ',',
  '.',
  ')',
  '-',
  '_',
  '\u0000',
  '\ud800',
  '😀',
  'e9',
  'NaN',
  '__proto__',
  'd=',
  'train=',
  'seed=',
  '1e999',
  '９',
];

/** Damages an address once: a piece put in, taken out, doubled, moved, or the end lost. */
function damaged(text: string, random: Random): string {
  const below = (limit: number): number => Math.floor(limit * random.uniform());
  const from = below(text.length + 1);
  const to = from + below(12);
  switch (below(5)) {
    case 0:
      return text.slice(0, from) + (pieces[below(pieces.length)] ?? '') + text.slice(from);
    case 1:
      return text.slice(0, from) + text.slice(to);
    case 2:
      return text.slice(0, to) + text.slice(from);
    case 3:
      return text.slice(0, from);
    default:
      return text.slice(from) + text.slice(0, from);
  }
}

it('reads whatever address it is given, and what it has read comes back the same', () => {
  const random = new Random(1);
  for (let round = 0; round < iterations; round += 1) {
    let text = seeds[Math.floor(seeds.length * random.uniform())] ?? '';
    for (let times = 1 + Math.floor(3 * random.uniform()); times > 0; times -= 1)
      text = damaged(text, random);
    const { problems, ...state } = fromHash(text);
    if (problems?.some((problem) => problem === '')) throw new Error(`an empty reason for ${text}`);
    const written = toHash(state);
    const { problems: left, ...again } = fromHash(written);
    // Plain comparisons: `expect` would take a hundred times as long.
    if (left !== undefined || toHash(again) !== written) {
      expect({ left, address: toHash(again) }, `round ${String(round)}: ${text}`).toEqual({
        address: written,
      });
    }
  }
}, 86_400_000);
