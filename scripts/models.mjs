// Trains the shipped models again, each by the command that the catalogue records for it, into
// .cache/models; the files in www/public/models are left as they are, to be compared or replaced.
//
//   node scripts/models.mjs [MODEL...]
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { basename, delimiter, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const output = join(root, '.cache/models');
const shipped = join(root, 'www/public/models');

process.chdir(root);
const { models } = JSON.parse(readFileSync(join(shipped, 'index.json'), 'utf8'));
const wanted = process.argv.slice(2);
const unknown = wanted.filter((id) => !models.some((model) => model.id === id));
if (unknown.length > 0) {
  console.error(
    `The catalogue has no ${unknown.join(', ')}. It has: ${models.map(({ id }) => id).join(', ')}.`,
  );
  process.exit(2);
}

execFileSync('cargo', ['build', '--release', '--locked', '--features', 'cli'], { stdio: 'inherit' });
mkdirSync(output, { recursive: true });
const environment = {
  ...process.env,
  PATH: `${join(root, 'target/release')}${delimiter}${process.env.PATH}`,
};
for (const { id, file, command } of models) {
  if (wanted.length > 0 && !wanted.includes(id)) continue;
  console.log(`\n${id}: ${command}`);
  execFileSync('bash', ['-euc', command], { stdio: 'inherit', env: environment });
  console.log(`${id}: trained into ${join('.cache/models', basename(file))}`);
}
