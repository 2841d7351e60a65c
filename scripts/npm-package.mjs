// Makes one npm package of the builds in pkg/: its description, with an entry point for each build, and its README.
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';

const file = 'pkg/package.json';
// What wasm-pack has taken from Cargo.toml.
const { version, description, license, keywords } = JSON.parse(readFileSync(file, 'utf8'));
const { engines } = JSON.parse(readFileSync('package.json', 'utf8'));

const folders = ['.', 'relaxed', 'threads', 'viewer', 'viewer-relaxed'].filter((name) =>
  existsSync(`pkg/${name}`),
);
const pathIn = (folder, name) => (folder === '.' ? `./${name}` : `./${folder}/${name}`);

/** An entry point: the types first, for whoever reads the first condition that it knows. */
const entry = (folder) => ({
  types: pathIn(folder, 'latent_canvas.d.ts'),
  default: pathIn(folder, 'latent_canvas.js'),
});

const about = {
  name: 'latent-canvas',
  version,
  description,
  license,
  keywords,
  type: 'module',
  engines,
  // Only the script that each thread runs does something when it is loaded.
  sideEffects: ['./threads/snippets/**'],
  main: './latent_canvas.js',
  types: './latent_canvas.d.ts',
  exports: {
    ...Object.fromEntries(folders.map((folder) => [folder === '.' ? '.' : `./${folder}`, entry(folder)])),
    // For whoever fetches a module before its script asks for it.
    './*.wasm': './*.wasm',
    './package.json': './package.json',
  },
  files: [
    ...folders.flatMap((folder) =>
      ['latent_canvas.js', 'latent_canvas.d.ts', 'latent_canvas_bg.wasm'].map((name) => pathIn(folder, name)),
    ),
    ...(folders.includes('threads') ? ['./threads/snippets'] : []),
    './LICENSE-*',
  ],
};
writeFileSync(file, `${JSON.stringify(about, null, 2)}\n`);
copyFileSync('npm/README.md', 'pkg/README.md');
