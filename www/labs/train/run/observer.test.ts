import { expect, it } from 'vitest';

import { misread } from './observer.svelte';

it('counts the images whose likeliest class is not theirs, of those with a label', () => {
  const certain = (digit: number): number[] =>
    Array.from({ length: 10 }, (_, at) => (at === digit ? 0.91 : 0.01));
  const classes = Float32Array.from([3, 5, 5, 0].flatMap(certain));
  expect(misread(classes, Uint8Array.of(3, 4, 255, 0))).toEqual({ errors: 1, labelled: 3 });
  expect(misread(classes, undefined)).toEqual({ errors: 0, labelled: 0 });
});
