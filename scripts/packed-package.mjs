// The npm package as it would be published, installed in a folder of its own.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Packs pkg/ and unpacks it: gives the folder, the archive in it, and what npm says of the archive. */
export function packedPackage() {
  const folder = mkdtempSync(join(tmpdir(), 'latent-canvas-'));
  const told = execFileSync('npm', ['pack', '--json', '--pack-destination', folder], {
    cwd: join(import.meta.dirname, '../pkg'),
    encoding: 'utf8',
  });
  const [contents] = JSON.parse(told);
  const archive = join(folder, contents.filename);
  const installed = join(folder, 'node_modules/latent-canvas');
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', archive, '-C', installed, '--strip-components=1']);
  return { folder, archive, installed, contents };
}
