/**
 * The page's state in the address: `#lab=map&model=mnist-2d&seed=7&x=grey&train=...&sample=...&d=...`. A link reproduces
 * what its sender saw. Unknown or broken parts are left out, never an error; a broken drawing is noted.
 */

import type { Binarization, TrainOptions, ParameterValue } from '../engine/protocol';
import { PEN_WIDTH, type Sketch } from './drawing.svelte';
import type { Settings } from './page.svelte';
import { GRID, type Stroke } from './strokes';

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
  /** The address carries a drawing that cannot be read. */
  sketchBroken?: boolean;
}

/** What is not a lab's id. */
const RESERVED: readonly string[] = ['lab', 'model', 'seed', 'x', 'train', 'd'];

/** No longer link than this is read: an address is a stranger's input. */
const MAXIMUM_LENGTH = 64_000;

export function toHash(state: PageState): string {
  const parts = new URLSearchParams();
  if (state.lab) parts.set('lab', state.lab);
  if (state.model) parts.set('model', state.model);
  if (state.seed !== undefined) parts.set('seed', String(state.seed));
  if (state.binarization === 'grey') parts.set('x', 'grey');
  if (state.training && Object.keys(state.training).length > 0) {
    parts.set('train', encodeOptions(state.training));
  }
  for (const [lab, settings] of Object.entries(state.settings ?? {})) {
    if (Object.keys(settings).length > 0) parts.set(lab, encodeOptions(settings));
  }
  if (state.sketch && state.sketch.strokes.length > 0) parts.set('d', encodeSketch(state.sketch));
  return '#' + parts.toString();
}

export function fromHash(hash: string): PageState {
  const state: PageState = {};
  if (hash.length > MAXIMUM_LENGTH) return state;
  const parts = new URLSearchParams(hash.replace(/^#/, ''));
  const lab = parts.get('lab');
  if (lab) state.lab = lab;
  const model = parts.get('model');
  if (model) state.model = model;
  const seed = Number(parts.get('seed') ?? NaN);
  if (Number.isSafeInteger(seed) && seed >= 0) state.seed = seed;
  if (parts.get('x') === 'grey') state.binarization = 'grey';
  const training = parts.get('train');
  if (training) state.training = decodeOptions(training);
  const settings = [...parts]
    .filter(([name]) => /^[a-z]+$/.test(name) && !RESERVED.includes(name))
    .map(([name, text]): [string, Settings] => [name, decodeOptions(text)])
    .filter(([, options]) => Object.keys(options).length > 0);
  if (settings.length > 0) state.settings = Object.fromEntries(settings);
  const drawn = parts.get('d');
  const sketch = decodeSketch(drawn ?? '');
  if (sketch) state.sketch = sketch;
  else if (drawn) state.sketchBroken = true;
  return state;
}

/** `name:value,name:1.2.3` with a list's parts joined by `~`; readable in the address bar. */
function encodeOptions(options: Settings): string {
  return Object.entries(options)
    .map(([name, value]) => `${name}:${Array.isArray(value) ? '~' + value.join('~') : String(value)}`)
    .join(',');
}

function decodeOptions(text: string): TrainOptions {
  const options: TrainOptions = {};
  for (const part of text.split(',')) {
    const [name, value] = part.split(':');
    if (name && value && /^[a-zA-Z]+$/.test(name)) options[name] = decodeValue(value);
  }
  return options;
}

function decodeValue(text: string): ParameterValue {
  if (text === '~') return [];
  if (text.startsWith('~')) return text.slice(1).split('~').map(Number).filter(Number.isFinite);
  const number = Number(text);
  return text.trim() !== '' && Number.isFinite(number) ? number : text;
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
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

export function decodeSketch(text: string): Sketch | undefined {
  if (!/^[\w-]+$/.test(text)) return undefined;
  let bytes: string;
  try {
    bytes = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  } catch {
    return undefined;
  }
  let at = 0;
  let broken = false;
  const take = (): number => {
    let rest = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = bytes.charCodeAt(at);
      if (Number.isNaN(byte)) break;
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
