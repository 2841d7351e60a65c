import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  closingLine,
  judge,
  readCargo,
  readNodeTest,
  readPlaywright,
  readUnittest,
  readVitest,
} from './closing-lines.mjs';

const cargoLog = `
   Compiling latent_canvas v0.1.0 (/home/someone/latent-canvas)
    Finished \`test\` profile [optimized + debuginfo] target(s) in 51.02s
     Running unittests src/lib.rs (target/debug/deps/latent_canvas-0a1b2c3d4e5f6071)

running 3 tests
test math::tests::logsumexp_of_equal_terms ... ok
test rng::tests::seeds_are_pinned ... ok
test rng::tests::slow ... ignored

test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.02s

     Running tests/vae.rs (target/debug/deps/vae-0a1b2c3d4e5f6071)

running 2 tests
test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 9.10s

error: test failed, to rerun pass \`--test vae\`
`;

test('cargo: the binaries of a run add up', () => {
  assert.deepEqual(readCargo(cargoLog), { passed: 3, failed: 1, skipped: 1 });
});

test('cargo: documentation tests are counted', () => {
  const log = `   Doc-tests latent_canvas

running 4 tests
test result: ok. 4 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.1s
`;
  assert.deepEqual(readCargo(log), { passed: 4, failed: 0, skipped: 0 });
});

test('cargo: a binary that aborted is a failure', () => {
  const log = `${cargoLog}     Running tests/abort.rs (target/debug/deps/abort-0a1b2c3d4e5f6071)

running 1 test
error: test failed, to rerun pass \`--test abort\`
Caused by:
  process didn't exit successfully: \`abort-0a1b\` (signal: 6, SIGABRT: process abort signal)
`;
  assert.deepEqual(readCargo(log), { passed: 3, failed: 2, skipped: 1 });
});

test('cargo: a test that says it had nothing to test with is skipped, not passed', () => {
  const log = `     Running tests/mnist.rs (target/debug/deps/mnist-0a1b2c3d4e5f6071)
successes:

---- normal_form_of_every_digit stdout ----
skipped: no MNIST files in ../shared/data/mnist

test result: ok. 5 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.5s
`;
  assert.deepEqual(readCargo(log), { passed: 4, failed: 0, skipped: 1 });
});

test('cargo: a build that failed has no result', () => {
  assert.equal(readCargo('error: could not compile `latent_canvas` (lib)\n'), null);
});

test('wasm-pack: a crate part without browser tests is no failure', () => {
  const log = `     Running unittests src/lib.rs (target/wasm32-unknown-unknown/release/deps/a-01.wasm)
no tests to run!
     Running tests/web.rs (target/wasm32-unknown-unknown/release/deps/web-02.wasm)
running 2 tests
test web::encodes ... ok
test result: ok. 2 passed; 0 failed; 0 ignored; 0 filtered out; finished in 0.31s
`;
  assert.deepEqual(readCargo(log), { passed: 2, failed: 0, skipped: 0 });
});

test('wasm-pack: a browser that died before the end is a failure', () => {
  const log = `     Running tests/web.rs (target/wasm32-unknown-unknown/release/deps/web-02.wasm)
driver status: signal: 9 (SIGKILL)
`;
  assert.deepEqual(judge(1, log, readCargo), {
    passed: 0,
    failed: 1,
    skipped: 0,
    fault: 'ended without a result (exit code 1)',
  });
});

test('vitest: passed, failed, skipped and to do', () => {
  const log = `
 Test Files  1 failed | 3 passed (4)
      Tests  1 failed | 12 passed | 2 skipped | 1 todo (16)
   Start at  10:00:00
`;
  assert.deepEqual(readVitest(log), { passed: 12, failed: 1, skipped: 3 });
});

test('vitest: colours do not hide the closing line', () => {
  const log = '\u001b[2m      Tests \u001b[22m \u001b[1m\u001b[32m7 passed\u001b[39m\u001b[22m (7)\n';
  assert.deepEqual(judge(0, log, readVitest), { passed: 7, failed: 0, skipped: 0 });
});

test('vitest: files that do not load and errors outside tests are failures', () => {
  const log = `
 FAIL  www/state/url.test.ts [ www/state/url.test.ts ]
Error: Cannot find module './url'

 Test Files  1 failed (1)
      Tests  no tests
     Errors  2 errors
`;
  assert.deepEqual(readVitest(log), { passed: 0, failed: 3, skipped: 0 });
});

test('playwright: every kind of outcome', () => {
  const log = `
  1) [chromium] › draw.spec.ts:3:1 › 5 passed (a title that looks like a closing line) ──

  2 failed
    [chromium] › draw.spec.ts:3:1 › draws
    [chromium] › map.spec.ts:3:1 › walks the map
  1 flaky
    [chromium] › train.spec.ts:3:1 › trains
  4 skipped
  3 did not run
  21 passed (1.2m)
  1 error was not a part of any test, see above for details
`;
  assert.deepEqual(readPlaywright(log), { passed: 21, failed: 7, skipped: 4 });
});

test('playwright: a server that never started leaves no result', () => {
  assert.equal(readPlaywright('Error: Process from config.webServer exited early.\n'), null);
});

test('node: the closing comments of TAP', () => {
  const log = '# tests 7\n# suites 0\n# pass 5\n# fail 1\n# cancelled 0\n# skipped 1\n# todo 0\n';
  assert.deepEqual(readNodeTest(log), { passed: 5, failed: 1, skipped: 1 });
});

const dashes = '-'.repeat(70);

test('unittest: passed, failed and skipped', () => {
  const log = `mnist-2d: encode 2.7e-07\n..s\n${dashes}\nRan 12 tests in 3.214s\n\nOK (skipped=2)\n`;
  assert.deepEqual(readUnittest(log), { passed: 10, failed: 0, skipped: 2 });
  const broken = `${dashes}\nRan 5 tests in 0.010s\n\nFAILED (failures=1, errors=2, skipped=1)\n`;
  assert.deepEqual(readUnittest(broken), { passed: 1, failed: 3, skipped: 1 });
  assert.deepEqual(readUnittest('Ran 1 test in 0.001s\n\nOK\n'), { passed: 1, failed: 0, skipped: 0 });
});

test('unittest: more parts of a test can fail than there are tests', () => {
  const log = 'Ran 1 test in 0.001s\n\nFAILED (failures=4)\n';
  assert.deepEqual(readUnittest(log), { passed: 0, failed: 4, skipped: 0 });
});

test('unittest: without Python or PyTorch the run is skipped, not failed', () => {
  assert.deepEqual(judge(0, 'skipped: there is no python3\n', readUnittest), {
    passed: 0,
    failed: 0,
    skipped: 1,
  });
});

test('unittest: a run that came to no end has no result', () => {
  assert.equal(readUnittest('Traceback (most recent call last):\nImportError: tests\n'), null);
});

test('a stage that failed counts at least one failure', () => {
  assert.equal(judge(101, 'Diff in src/lib.rs:1', undefined).failed, 1);
  const tests = 'test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured;';
  assert.deepEqual(judge(1, tests, readCargo), {
    passed: 2,
    failed: 1,
    skipped: 0,
    fault: 'exit code 1',
  });
});

test('a stage without tests that succeeds counts nothing', () => {
  assert.deepEqual(judge(0, 'All matched files use Prettier code style!', undefined), {
    passed: 0,
    failed: 0,
    skipped: 0,
  });
});

test('a test stage that says nothing or runs nothing is a failure', () => {
  assert.equal(judge(0, '', readCargo).failed, 1);
  assert.equal(judge(0, 'test result: ok. 0 passed; 0 failed; 0 ignored;', readCargo).failed, 1);
});

test('the closing line names skipped tests only where there are some', () => {
  assert.equal(closingLine({ passed: 12, failed: 0, skipped: 0 }), '12 passed, 0 failed');
  assert.equal(closingLine({ passed: 12, failed: 1, skipped: 3 }), '12 passed, 1 failed, 3 skipped');
});
