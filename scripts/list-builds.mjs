// Tells npm of the builds that stand beside the package's own: wasm-pack lists only what it has made.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const file = 'pkg/package.json';
const description = JSON.parse(readFileSync(file, 'utf8'));
const builds = ['relaxed', 'threads', 'viewer', 'viewer-relaxed'].filter((name) => existsSync(`pkg/${name}`));
description.files = [...new Set([...description.files, ...builds])];
writeFileSync(file, `${JSON.stringify(description, null, 2)}\n`);
