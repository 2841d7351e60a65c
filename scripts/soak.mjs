// `make soak`: what docs/trust.md counts, anew. Some hours; `make soak PART=kills` does one part of it.
import { execFileSync } from 'node:child_process';

const EXECUTIONS = 10_000_000;
const RUNS = 1_000;
const STEPS = 100_000;
const KILLS = 100;

const cargo = (test, ...more) => ['cargo', 'test', '--locked', '--features', 'cli', '--test', test, ...more];

/** Runs a command of which the output is the report; throws where it fails. */
function command([program, ...rest], environment = {}) {
  execFileSync(program, rest, { stdio: 'inherit', env: { ...process.env, ...environment } });
}

/** @type {Record<string, () => void | Promise<void>>} */
const parts = {
  files() {
    command(cargo('fuzz_bytes'), { FUZZ_ITERATIONS: String(EXECUTIONS) });
    console.log(`each target of tests/fuzz_bytes.rs: ${EXECUTIONS} executions, no crash`);
  },
  addresses() {
    command(['npx', 'vitest', 'run', 'www/state/urlFuzz.test.ts'], { FUZZ_ITERATIONS: String(EXECUTIONS) });
    console.log(`addresses: ${EXECUTIONS} executions, no crash`);
  },
  calibration() {
    command(cargo('soak', '--', '--ignored', '--show-output', '--test-threads', '1'));
  },
  async steps() {
    const { manySteps } = await import('../tests/soak/many-steps.mjs');
    const { steps, earlyBytes, lateBytes, elbo } = manySteps(STEPS);
    console.log(
      `${steps} steps: ${earlyBytes} bytes of WebAssembly memory after 1,000, ${lateBytes} at the end; ELBO ${elbo.toFixed(1)}`,
    );
    if (lateBytes > 1.01 * earlyBytes) throw new Error('the memory grew by more than 1 %');
  },
  async options() {
    const { extremeOptions } = await import('../tests/soak/extreme-options.mjs');
    const { trained, refused, codes, wrong } = extremeOptions(RUNS);
    console.log(
      `${RUNS} runs: ${trained} trained, ${refused} refused; errors by code ${JSON.stringify(codes)}`,
    );
    for (const fault of wrong) console.log(JSON.stringify(fault));
    if (wrong.length > 0) throw new Error(`${wrong.length} panics or numbers that are none`);
  },
  async kills() {
    const { kills } = await import('../tests/soak/kills.mjs');
    const { longestLostS, intervalS, lost, wrong } = await kills(KILLS, {
      tell: (kill, what, before, from, seconds) =>
        console.log(`${kill + 1}: ${what} at step ${before}, on from ${from}, ${seconds.toFixed(1)} s lost`),
    });
    console.log(
      `${KILLS} kills: ${longestLostS.toFixed(1)} s lost at most, saved every ${intervalS} s; ` +
        `${lost.filter((seconds) => seconds > intervalS).length} lost more than that interval`,
    );
    for (const fault of wrong) console.log(fault);
    if (wrong.length > 0) throw new Error(`${wrong.length} faults`);
  },
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in parts));
if (unknown.length > 0) {
  console.error(`There is no part ${unknown.join(', ')}; there are ${Object.keys(parts).join(', ')}.`);
  process.exit(1);
}
for (const [name, part] of Object.entries(parts)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.log(`\n== ${name}`);
  await part();
}
process.exit();
