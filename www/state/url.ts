/**
 * The page's state in the address: `#lab=map&model=mnist-2d&seed=7&x=grey&train=...&sample=...&d=...`. A link reproduces
 * what its sender saw. Links come damaged, re-encoded by mail and chat, and edited by hand: what can be read is read,
 * what cannot is told in words, and nothing is an error.
 */

import type { Binarization, TrainOptions, ParameterValue } from '../engine/protocol';
import { fromBase64url, toBase64url } from './base64url';
import { PEN_WIDTH, type Sketch } from './drawing.svelte';
import type { Settings } from './page.svelte';
import { GRID, simplified, type Stroke } from './strokes';

export interface PageState {
  lab?: string;
  model?: string;
  seed?: number;
  binarization?: Binarization;
  /** Model family, its parameters and the trainer's, as the Train lab defines them. */
  training?: TrainOptions;
  /** Other labs' settings, by the lab's id. */
  settings?: Readonly<Record<string, Settings>>;
  sketch?: Sketch;
  /** The parts of the address that cannot be read, in words such as “its drawing cannot be read”. */
  problems?: readonly string[];
}

/** A name that is not a lab's id. */
const RESERVED: readonly string[] = ['lab', 'model', 'seed', 'x', 'train', 'd'];

/** Longer links are not read, because an address may come from anybody. */
const MAXIMUM_LENGTH = 1_000_000;

/** Longer texts of a drawing do not survive mail, chat and some browsers: its lines are made simpler until they do. */
const LONG_SKETCH = 60_000;
/** How far a simplified line may lie from the drawn one, in units of the field: a tenth of a pixel that the model sees. */
export const LARGEST_TOLERANCE = 1 / 256;
const SMALLEST_TOLERANCE = 1 / GRID;

export function toHash(state: PageState): string {
  const parts = new URLSearchParams();
  if (state.lab) parts.set('lab', state.lab);
  if (state.model) parts.set('model', state.model);
  if (state.seed !== undefined) parts.set('seed', String(state.seed));
  if (state.binarization) parts.set('x', state.binarization);
  if (state.training && Object.keys(state.training).length > 0) {
    parts.set('train', encodeOptions(state.training));
  }
  for (const [lab, settings] of Object.entries(state.settings ?? {})) {
    if (Object.keys(settings).length > 0) parts.set(lab, encodeOptions(settings));
  }
  if (state.sketch && state.sketch.strokes.length > 0) parts.set('d', shortSketch(state.sketch));
  return '#' + parts.toString();
}

export function fromHash(hash: string): PageState {
  if (hash.length > MAXIMUM_LENGTH) return { problems: ['it is too long to be read'] };
  const state: PageState = {};
  const problems: string[] = [];
  const parts = new URLSearchParams(mended(hash, problems));
  const settings: Record<string, Settings> = {};
  for (const [name, encoded] of parts) {
    const text = decoded(encoded);
    if (text === '') continue;
    if (name === 'lab' || name === 'model') {
      if (isName(text)) state[name] = text;
      else problems.push(`“${text}” is no name`);
    } else if (name === 'seed') {
      const seed = Number(text);
      if (Number.isSafeInteger(seed) && seed >= 0) state.seed = seed;
      else problems.push(`its seed “${text}” is no whole number`);
    } else if (name === 'x') {
      if (text === 'grey' || text === 'binary') state.binarization = text;
      else problems.push(`there are no pixels of the kind “${text}”`);
    } else if (name === 'train') state.training = decodeOptions(text, problems);
    else if (name === 'd') {
      const sketch = decodeSketch(text);
      if (sketch) state.sketch = sketch;
      else problems.push('its drawing cannot be read');
    } else if (/^[a-z]+$/.test(name) && !RESERVED.includes(name)) {
      const options = decodeOptions(text, problems);
      if (Object.keys(options).length > 0) settings[name] = options;
    } else problems.push(`“${name}” is nothing that this page knows`);
  }
  if (Object.keys(settings).length > 0) state.settings = settings;
  if (problems.length > 0) state.problems = problems;
  return state;
}

/** What mail and chat do to an address: they encode it whole, write `&` as HTML, or take the bracket behind it along. */
function mended(hash: string, problems: string[]): string {
  let text = hash.replace(/^#/, '');
  if (!text.includes('=')) text = decoded(text);
  text = text.replaceAll('&amp;', '&');
  const stray = /(?:[)>\]}"'”’»,;.!?]|%(?:29|3e|5d|7d|22|27|2c|3b))+$/i.exec(text)?.[0];
  if (stray === undefined) return text;
  problems.push(`it ended in “${decoded(stray)}”, which does not belong to it`);
  return text.slice(0, -stray.length);
}

/** Undoes further rounds of percent encoding: nothing that this page writes has a percent sign of its own. */
function decoded(text: string): string {
  let result = text;
  for (let round = 0; round < 3 && /%[0-9a-f]{2}/i.test(result); round += 1) {
    try {
      result = decodeURIComponent(result);
    } catch {
      break;
    }
  }
  return result;
}

/** `name:value,name:1.2.3` with a list's parts joined by `~`; readable in the address bar. */
function encodeOptions(options: Settings): string {
  return Object.entries(options)
    .map(([name, value]) => `${name}:${Array.isArray(value) ? '~' + value.join('~') : String(value)}`)
    .join(',');
}

/** What this page calls anything: what ends otherwise would be taken for a stray bracket by the next who reads it. */
const isName = (text: string): boolean => /^[\p{L}\p{N}_.+~ -]*[\p{L}\p{N}_~]$/u.test(text);

function decodeOptions(text: string, problems: string[]): TrainOptions {
  const options: TrainOptions = {};
  for (const part of text.split(',')) {
    const [name, value, ...more] = part.split(':');
    if (name && value && more.length === 0 && /^[a-zA-Z]+$/.test(name) && isName(value)) {
      options[name] = decodeValue(value);
    } else if (part.trim() !== '') {
      problems.push(`“${part}” is no setting`);
    }
  }
  return options;
}

/** A value that is neither a number nor a list of numbers stays a text: the code that reads the setting refuses it and tells. */
function decodeValue(text: string): ParameterValue {
  if (text === '~') return [];
  if (text.startsWith('~')) {
    const parts = text.slice(1).split('~');
    const numbers = parts.map(Number);
    return numbers.every((number, at) => Number.isFinite(number) && parts[at]?.trim() !== '')
      ? numbers
      : text;
  }
  const number = Number(text);
  return text.trim() !== '' && Number.isFinite(number) ? number : text;
}

/** A sketch for a link: as it is, or where that would be too long, with lines simpler by as little as it takes. */
function shortSketch(sketch: Sketch): string {
  let text = encodeSketch(sketch);
  for (
    let tolerance = SMALLEST_TOLERANCE;
    text.length > LONG_SKETCH && tolerance <= LARGEST_TOLERANCE;
    tolerance *= 2
  ) {
    text = encodeSketch({
      ...sketch,
      strokes: sketch.strokes.map((stroke) => simplified(stroke, tolerance)),
    });
  }
  return text;
}

/**
 * A sketch as base64url: pen width, then each stroke as its number of points and the steps between them, all in units
 * of the grid, as zigzag variable-length integers. Exact for points on the grid.
 */
export function encodeSketch({ strokes, penWidth }: Sketch): string {
  const bytes: number[] = [];
  const put = (value: number): void => {
    let rest = value < 0 ? -2 * value - 1 : 2 * value;
    while (rest > 127) {
      bytes.push((rest & 127) | 128);
      rest >>>= 7;
    }
    bytes.push(rest);
  };
  put(Math.round(penWidth * GRID));
  let last = [0, 0];
  for (const stroke of strokes) {
    put(stroke.length / 2);
    for (let at = 0; at + 1 < stroke.length; at += 2) {
      const point = [Math.round((stroke[at] ?? 0) * GRID), Math.round((stroke[at + 1] ?? 0) * GRID)];
      put((point[0] ?? 0) - (last[0] ?? 0));
      put((point[1] ?? 0) - (last[1] ?? 0));
      last = point;
    }
  }
  return toBase64url(bytes);
}

export function decodeSketch(text: string): Sketch | undefined {
  const bytes = fromBase64url(text);
  if (!bytes) return undefined;
  let at = 0;
  let broken = false;
  const take = (): number => {
    let rest = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = bytes[at];
      if (byte === undefined) break;
      at += 1;
      rest |= (byte & 127) << shift;
      if (byte < 128) return rest & 1 ? -((rest + 1) >> 1) : rest >> 1;
    }
    broken = true;
    return 0;
  };
  const penWidth = take() / GRID;
  const strokes: Stroke[] = [];
  let x = 0;
  let y = 0;
  while (at < bytes.length && !broken) {
    const stroke: number[] = [];
    for (let left = take(); left > 0 && !broken; left -= 1) {
      x += take();
      y += take();
      if (x < 0 || y < 0 || x > GRID || y > GRID) broken = true;
      stroke.push(x / GRID, y / GRID);
    }
    if (stroke.length > 0) strokes.push(stroke);
  }
  const plausible = penWidth >= PEN_WIDTH.minimum && penWidth <= PEN_WIDTH.maximum;
  return broken || !plausible || strokes.length === 0 ? undefined : { strokes, penWidth };
}
