/** Reads a lab's settings: they may come from an address, so nothing about them is taken on trust. */

import { inLanguage } from '../locales/numbers';
import type { Settings } from './page.svelte';
import { toasts } from './toasts.svelte';

/** Told once: settings are read again with every change of the page. */
const told = new Set<string>();

const shown = (value: unknown): string =>
  typeof value === 'number' ? inLanguage(String(value)) : String(value);

/** Tells the visitor of a setting that cannot be what the address says. */
export function tellUnusable(name: string, given: unknown, used: unknown): void {
  const text = `This link’s “${name}” cannot be ${shown(given)} and is ${shown(used)}.`;
  if (told.has(text)) return;
  told.add(text);
  // Settings are read while the page computes what to show: nothing may change then.
  queueMicrotask(() => {
    toasts.show(text, 'problem');
  });
}

/** A number within limits; anything else is the fallback. */
export function numberOf(
  settings: Settings | undefined,
  name: string,
  fallback: number,
  [minimum, maximum]: readonly [number, number],
): number {
  const value = settings?.[name];
  if (value === undefined) return fallback;
  const used =
    typeof value === 'number' && Number.isFinite(value)
      ? Math.min(maximum, Math.max(minimum, value))
      : fallback;
  if (used !== value) tellUnusable(name, value, used);
  return used;
}

/** The same, to the nearest whole number. */
export function integerOf(
  settings: Settings | undefined,
  name: string,
  fallback: number,
  limits: readonly [number, number],
): number {
  const value = numberOf(settings, name, fallback, limits);
  const used = Math.round(value);
  if (used !== value) tellUnusable(name, value, used);
  return used;
}

/** One of the options; anything else is the fallback. */
export function choiceOf<T extends string>(
  settings: Settings | undefined,
  name: string,
  fallback: T,
  options: readonly T[],
): T {
  const value = settings?.[name];
  const used = options.find((option) => option === value) ?? fallback;
  if (value !== undefined && used !== value) tellUnusable(name, value, used);
  return used;
}

/** The digits of a number or text such as 147 or `0`, one by one: a set of classes. */
export function digitsOf(settings: Settings | undefined, name: string): number[] {
  const value = settings?.[name];
  const text = typeof value === 'number' || typeof value === 'string' ? String(value) : '';
  if (/^\d{1,10}$/.test(text)) return [...new Set(text)].map(Number);
  if (value !== undefined) tellUnusable(name, value, 'nothing');
  return [];
}
