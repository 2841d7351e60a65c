// Runs the crate's browser tests in Firefox, where it and its driver are installed. The command follows:
//
//   node scripts/wasm-firefox.mjs wasm-pack test --firefox ...
import { spawnSync } from 'node:child_process';

const missing = ['firefox', 'geckodriver'].filter(
  (program) => spawnSync(program, ['--version']).status !== 0,
);
if (missing.length > 0) {
  console.log(`skipped: not installed: ${missing.join(', ')}`);
} else {
  const [program, ...rest] = process.argv.slice(2);
  const { status } = spawnSync(program, rest, { stdio: 'inherit' });
  process.exitCode = status ?? 1;
}
