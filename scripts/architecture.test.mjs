// The order of dependencies that ARCHITECTURE.md states is that of the sources.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '..');
const map = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8').replace(/\s+/g, ' ');

/** The layers of a sentence "a, b → c → d.": by name, how far to the right it stands. */
function layers(opening) {
  const start = map.indexOf(opening);
  assert.ok(start >= 0, `ARCHITECTURE.md says "${opening}"`);
  const sentence = map.slice(start + opening.length).split('.')[0];
  const ranks = sentence.split('→').map((names) => names.split(',').map((name) => name.trim()));
  return new Map(ranks.flatMap((names, rank) => names.map((name) => [name, rank])));
}

function filesBelow(folder, ending) {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && ending.test(entry.name))
    .map((entry) => posix.relative(root, join(entry.parentPath, entry.name)));
}

test('each part of the crate uses only what stands before it', () => {
  const rank = layers('In `src`, each only what stands before it:');
  const wrong = [];
  for (const file of filesBelow('src', /\.rs$/)) {
    const part = file.split('/')[1].replace(/\.rs$/, '');
    if (part === 'lib') continue;
    assert.ok(rank.has(part), `ARCHITECTURE.md has no place for ${file}`);
    const source = readFileSync(join(root, file), 'utf8');
    // Tests may look anywhere.
    if (/^\/\/! For tests/.test(source) || /\/tests\.rs$/.test(file)) continue;
    const [code] = source.split(/^#\[cfg\(test\)\]\s*mod tests \{/m);
    const plain = code.replace(/^\s*\/\/.*$/gm, '');
    const named = plain.matchAll(/\bcrate::(?:\{([^;]*?)\};|(\w+))/g);
    for (const [, group, single] of named) {
      const names = single ? [single] : group.replace(/\{[^{}]*\}/g, '').split(',');
      for (const name of names.map((one) => one.trim().split('::')[0])) {
        if (rank.has(name) && name !== part && rank.get(name) >= rank.get(part)) {
          wrong.push(`${file} uses ${name}`);
        }
      }
    }
  }
  assert.deepEqual(wrong, []);
});

test('each part of the page imports only what stands before it, and labs never each other', () => {
  const rank = layers('In `www`:');
  const wrong = [];
  /** "engine/protocol.ts" is "protocol", "state/url.ts" is "state". */
  const partOf = (path) => {
    const [folder, file = ''] = path.split('/');
    if (folder !== 'engine') return folder;
    return file.startsWith('protocol') ? 'protocol' : 'client';
  };
  for (const file of filesBelow('www', /\.(ts|svelte)$/).filter((name) => !name.endsWith('.test.ts'))) {
    const within = posix.relative('www', file);
    const part = partOf(within);
    if (!rank.has(part)) continue;
    const source = readFileSync(join(root, file), 'utf8');
    for (const [, address] of source.matchAll(/(?:from|import\(?)\s*'(\.[^']+)'/g)) {
      const target = posix.join(dirname(within), address);
      const other = partOf(target);
      if (rank.has(other) && rank.get(other) > rank.get(part)) wrong.push(`${file} imports ${target}`);
      const [, lab, inLab] = within.split('/');
      const [, otherLab, inOther] = target.split('/');
      if (part === 'labs' && other === 'labs' && inLab && inOther && lab !== otherLab) {
        wrong.push(`${file} imports ${target}`);
      }
    }
  }
  assert.deepEqual(wrong, []);
});
