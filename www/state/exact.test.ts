import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { EXACT_NATS } from './exact';

test('the page calls exact what the crate calls exact', () => {
  const crate = /EXACT_NATS: f64 = ([\d.]+);/.exec(readFileSync('src/estimators/mod.rs', 'utf8'))?.[1];
  expect(Number(crate)).toBe(EXACT_NATS);
  const chapter = readFileSync('www/labs/story/chapters/06-how-probable-is-it.ts', 'utf8');
  expect(chapter).toContain(`an error below ${String(EXACT_NATS)} [nat]`);
});
