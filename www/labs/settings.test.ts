import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect, it } from 'vitest';

import { labs } from '.';

const FOLDER = dirname(fileURLToPath(import.meta.url));

/** The names that a lab's sources ask the address for. */
function namesRead(lab: string): string[] {
  const folder = join(FOLDER, lab);
  const sources = readdirSync(folder)
    .filter((name) => /\.(?:ts|svelte)$/.test(name) && !name.endsWith('.test.ts'))
    .map((name) => readFileSync(join(folder, name), 'utf8'));
  const patterns = [
    /(?:numberOf|integerOf|choiceOf|digitsOf|pixelsOf)(?:<[^>]*>)?\(\s*[\w.?[\]]+,\s*'(\w+)'/g,
    /\bsettings(?:\[ID\])?\?\.(\w+)/g,
  ];
  return sources.flatMap((source) =>
    patterns.flatMap((pattern) => [...source.matchAll(pattern)].map(([, name = '']) => name)),
  );
}

it('every lab names the settings that it reads from the address, and no others', () => {
  for (const lab of labs.filter(({ id }) => id !== 'train')) {
    expect([...(lab.settings ?? [])].sort(), lab.id).toEqual([...new Set(namesRead(lab.id))].sort());
  }
});
