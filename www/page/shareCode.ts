/**
 * The model and the drawing on screen as programs in three languages. They are the files in examples/, which the tests
 * run, with another model and another drawing put in.
 */

import javascript from '../../examples/drawing.mjs?raw';
import python from '../../examples/drawing.py?raw';
import rust from '../../examples/drawing.rs?raw';
import type { CurrentModel } from '../state/model.svelte';

export interface Program {
  language: 'Python (PyTorch)' | 'Rust' | 'JavaScript';
  text: string;
}

/** Two hexadecimal digits a pixel. */
function hexadecimal(pixels: Float32Array): string {
  return Array.from(pixels, (value) =>
    Math.round(255 * value)
      .toString(16)
      .padStart(2, '0'),
  ).join('');
}

/** A model that was trained here has a file of the visitor's own. */
const fileOf = (model: CurrentModel): string =>
  model.entry ? `www/public/models/${model.entry.file}` : 'my-model.safetensors';

/** What the network written out in Python is: the rest of the families has more parts. */
function isPlainVae({ spec, prior, approximatePosterior }: CurrentModel): boolean {
  const { model, likelihood, activation } = spec as Record<string, unknown>;
  return (
    model === 'vae' &&
    likelihood === 'bernoulli' &&
    prior === 'unit-normal' &&
    approximatePosterior === 'diagonal' &&
    ['gelu', 'relu', 'tanh'].includes(String(activation))
  );
}

export function programsOf(model: CurrentModel, pixels: Float32Array): Program[] {
  const drawing = hexadecimal(pixels);
  const of = (text: string): string =>
    text
      .replace(/www\/public\/models\/[\w-]+\.safetensors/, fileOf(model))
      .replace(/[0-9a-f]{1568}/, drawing);
  return [
    ...(isPlainVae(model) ? [{ language: 'Python (PyTorch)' as const, text: of(python) }] : []),
    { language: 'Rust', text: of(rust) },
    { language: 'JavaScript', text: of(javascript) },
  ];
}
