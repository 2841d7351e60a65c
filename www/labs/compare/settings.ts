/** The lab's settings as the address holds them. */

import type { StrokeFactors } from '../../engine/protocol';
import type { Settings } from '../../state/page.svelte';
import { choiceOf, integerOf, numberOf } from '../../state/settings';
import { PLAIN, RANGES, STEADY } from './strokeFactors';

export const PARTS = ['table', 'classes', 'autoencoder', 'beta', 'blurry', 'linear', 'factors'] as const;
export type Part = (typeof PARTS)[number];

/** Whose reconstruction is taken apart: models of MNIST with a prior, by their latents. */
export const BLURRED = ['mnist-2d', 'mnist-cvae', 'mnist-32d'] as const;

/** Whose latents are held against the factors of stroke digits; `page` is the page's own model, trained here or not. */
export const FACTOR_MODELS = ['mnist-beta', 'strokes-2d', 'page'] as const;

export interface CompareSettings {
  part: Part;
  /** Added to the page's seed: other draws. */
  dice: number;
  /** The class under which the style is read; none takes the likeliest. */
  label: number | undefined;
  blurred: (typeof BLURRED)[number];
  factorModel: (typeof FACTOR_MODELS)[number];
  /** Of the digit that the sliders write. */
  factors: StrokeFactors;
}

export function readSettings(settings: Settings | undefined): CompareSettings {
  return {
    part: choiceOf(settings, 'part', 'table', PARTS),
    dice: integerOf(settings, 'dice', 0, [0, 1_000_000]),
    label: settings?.label === undefined ? undefined : integerOf(settings, 'label', 0, [0, 9]),
    blurred: choiceOf(settings, 'blurred', 'mnist-2d', BLURRED),
    factorModel: choiceOf(settings, 'factorModel', 'mnist-beta', FACTOR_MODELS),
    factors: {
      class: integerOf(settings, 'class', 3, [0, 9]),
      slant: numberOf(settings, 'slant', PLAIN.slant, RANGES.slant),
      rotation: numberOf(settings, 'rotation', PLAIN.rotation, RANGES.rotation),
      thickness: numberOf(settings, 'thickness', PLAIN.thickness, RANGES.thickness),
      aspect: numberOf(settings, 'aspect', PLAIN.aspect, RANGES.aspect),
      curvature: numberOf(settings, 'curvature', PLAIN.curvature, RANGES.curvature),
      loopSize: numberOf(settings, 'loopSize', PLAIN.loopSize, RANGES.loopSize),
      ...STEADY,
    },
  };
}
