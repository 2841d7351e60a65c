/** The lab's settings as the address holds them. */

import type { HeldGaussian } from '../../components/gaussian';
import type { Settings } from '../../state/page.svelte';
import { choiceOf, integerOf, numberOf, tellUnusable } from '../../state/settings';

export const PARTS = ['walkers', 'own', 'ladder', 'gradients'] as const;
export type Part = (typeof PARTS)[number];

/** What of the drawing counts as seen. */
export const SEEN = ['whole', 'upper', 'lower'] as const;
export type Seen = (typeof SEEN)[number];

/** Where the mass is, or the whole plane of codes. */
export const VIEWS = ['mass', 'plane'] as const;
export type View = (typeof VIEWS)[number];

export const KERNELS = ['random-walk', 'independence', 'pcn', 'hmc'] as const;
export type Kernel = (typeof KERNELS)[number];

/** `place` is where the visitor pressed, and the encoder's answer before that: a place is not kept in the address. */
export const STARTS = ['encoder', 'prior', 'place'] as const;
export type Start = (typeof STARTS)[number];

/** Which divergence's integrand is painted. */
export const INTEGRANDS = ['reverse', 'forward', 'none'] as const;
export type Integrand = (typeof INTEGRANDS)[number];

export const CHAINS = [2, 4, 8] as const;

/** The size of a move by hand, in units of a latent; without one it is found by the warm-up. */
export const SIZES = [0.0002, 2] as const;

export interface PosteriorSettings {
  part: Part;
  seen: Seen;
  view: View;
  kernel: Kernel;
  start: Start;
  /** None: adapted. */
  size: number | undefined;
  chains: number;
  /** The first of the two latents on show, of a model that has more; the second is the next. */
  pair: number;
  integrand: Integrand;
  /** The visitor's own; none before it is touched: then it is the encoder's. */
  q: HeldGaussian | undefined;
  /** Added to the page's seed: other dice. */
  dice: number;
}

export function readSettings(settings: Settings | undefined): PosteriorSettings {
  const chains = integerOf(settings, 'chains', 4, [2, 8]);
  return {
    part: choiceOf(settings, 'part', 'walkers', PARTS),
    seen: choiceOf(settings, 'seen', 'whole', SEEN),
    view: choiceOf(settings, 'view', 'mass', VIEWS),
    kernel: choiceOf(settings, 'kernel', 'hmc', KERNELS),
    start: choiceOf(settings, 'start', 'encoder', STARTS),
    size: settings?.size === undefined ? undefined : numberOf(settings, 'size', 0.01, SIZES),
    chains,
    pair: integerOf(settings, 'pair', 1, [1, 1_000]),
    integrand: choiceOf(settings, 'integrand', 'reverse', INTEGRANDS),
    q: heldIn(settings),
    dice: integerOf(settings, 'dice', 0, [0, 1_000_000]),
  };
}

/** The mask of what counts as seen: 1 for seen. None for the whole drawing. */
export function maskOf(seen: Seen, pixels: number): Float32Array | undefined {
  if (seen === 'whole') return undefined;
  return Float32Array.from({ length: pixels }, (_, pixel) =>
    Number(pixel < pixels / 2 === (seen === 'upper')),
  );
}

/** Of a number of q in the address. */
const DIGITS = 5;
/** Farther out and wider than this is nothing to see. */
const FARTHEST = 1_000;
const NARROWEST = 1e-6;

/** q as the address has it: its mean, its standard deviations, and the angle of the first axis in radians. */
export function writtenQ({ mean, sd, angle }: HeldGaussian): number[] {
  return [...mean, ...sd, angle].map((value) => Number(value.toPrecision(DIGITS)));
}

function heldIn(settings: Settings | undefined): HeldGaussian | undefined {
  const value = settings?.q;
  if (value === undefined) return undefined;
  const numbers = Array.isArray(value) ? value.map(Number) : [];
  const [x = NaN, y = NaN, first = NaN, second = NaN, angle = NaN] = numbers;
  const isHeld =
    numbers.length === 5 &&
    [x, y, first, second, angle].every((number) => Math.abs(number) <= FARTHEST) &&
    Math.min(first, second) >= NARROWEST;
  if (isHeld) return { mean: [x, y], sd: [first, second], angle };
  tellUnusable('q', String(value), 'the encoder’s');
  return undefined;
}
