/** Reads a lab's settings: they may come from an address, so nothing about them is taken on trust. */

import type { Settings } from './page.svelte';

/** A number within limits; anything else is the fallback. */
export function numberOf(
  settings: Settings | undefined,
  name: string,
  fallback: number,
  [minimum, maximum]: readonly [number, number],
): number {
  const value = settings?.[name];
  if (typeof value !== 'number' || !Number.isFinite(value)) return fallback;
  return Math.min(maximum, Math.max(minimum, value));
}

/** The same, to the nearest whole number. */
export function integerOf(
  settings: Settings | undefined,
  name: string,
  fallback: number,
  limits: readonly [number, number],
): number {
  return Math.round(numberOf(settings, name, fallback, limits));
}

/** One of the options; anything else is the fallback. */
export function choiceOf<T extends string>(
  settings: Settings | undefined,
  name: string,
  fallback: T,
  options: readonly T[],
): T {
  return options.find((option) => option === settings?.[name]) ?? fallback;
}

/** The digits of a number or text such as 147 or `0`, one by one: a set of classes. */
export function digitsOf(settings: Settings | undefined, name: string): number[] {
  const value = settings?.[name];
  const text = typeof value === 'number' || typeof value === 'string' ? String(value) : '';
  return /^\d{1,10}$/.test(text) ? [...new Set(text)].map(Number) : [];
}
