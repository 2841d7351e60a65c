// Reads what a test runner's log says at its end: how many tests passed, failed and were skipped.
// Each reader gives null for a log in which its runner came to no end.

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

// eslint-disable-next-line no-control-regex -- the escape character is what is looked for
const colours = /\x1b\[[0-9;]*[A-Za-z]/g;

/** A log without terminal colours. */
export const plain = (log) => log.replaceAll(colours, '');

/**
 * cargo test and wasm-pack test: the sum over the test binaries. A binary that started and gave no
 * result (it aborted, or the browser died) is one failure. A test that prints a line
 * "skipped: reason" and passes found that it had nothing to test with; it counts as skipped.
 */
export function readCargo(log) {
  const started = [...log.matchAll(/^\s*(?:Running .*\(.*\)|Doc-tests \S+)\s*$/gm)].length;
  const empty = [...log.matchAll(/^\s*no tests to run!\s*$/gm)].length;
  const results = [
    ...log.matchAll(/^\s*test result: (?:ok|FAILED)\. (\d+) passed; (\d+) failed; (\d+) ignored;/gm),
  ];
  if (results.length + empty === 0) return null;
  const sum = (group) => results.reduce((total, result) => total + Number(result[group]), 0);
  const hollow = Math.min([...log.matchAll(/^skipped: /gm)].length, sum(1));
  return {
    passed: sum(1) - hollow,
    failed: sum(2) + Math.max(0, started - results.length - empty),
    skipped: sum(3) + hollow,
  };
}

/** Vitest: `Tests  1 failed | 12 passed | 2 skipped | 1 todo (16)`, and errors outside tests. */
export function readVitest(log) {
  const line = log.match(/^\s*Tests\s+(.*\(\d+\)|no tests)\s*$/m)?.[1];
  if (line === undefined) return null;
  const count = (word) => Number(line.match(new RegExp(`(\\d+) ${word}`))?.[1] ?? 0);
  const errors = Number(log.match(/^\s*Errors\s+(\d+) errors?\s*$/m)?.[1] ?? 0);
  // A file that could not be loaded ran no test of its own, so no test line counts it.
  const brokenFiles = [...log.matchAll(/^\s*FAIL\s+\S+\s+\[ \S+ \]\s*$/gm)].length;
  return {
    passed: count('passed'),
    failed: count('failed') + errors + brokenFiles,
    skipped: count('skipped') + count('todo'),
  };
}

/** Playwright: one line a kind of outcome, at the end. A flaky test is a failed one. */
export function readPlaywright(log) {
  const count = (words) => {
    const lines = [...log.matchAll(new RegExp(`^ {2}(\\d+) ${words}(?:[ ,].*)?$`, 'gm'))];
    return Number(lines.at(-1)?.[1] ?? 0);
  };
  const counts = {
    passed: count('passed'),
    failed:
      count('failed') +
      count('flaky') +
      count('interrupted') +
      count('did not run') +
      count('errors? (?:was|were) not a part of any test'),
    skipped: count('skipped'),
  };
  return counts.passed + counts.failed + counts.skipped === 0 ? null : counts;
}

/** node --test with the TAP reporter: `# pass 5`, `# fail 0`, ... at the end. */
export function readNodeTest(log) {
  const count = (word) => log.match(new RegExp(`^# ${word} (\\d+)$`, 'm'))?.[1];
  if (count('pass') === undefined) return null;
  const number = (word) => Number(count(word) ?? 0);
  return {
    passed: number('pass'),
    failed: number('fail') + number('cancelled'),
    skipped: number('skipped') + number('todo'),
  };
}

/** Python's unittest: `Ran 12 tests in 3.2s`, then `OK (skipped=1)` or `FAILED (failures=1, errors=2)`. */
export function readUnittest(log) {
  const ran = log.match(/^Ran (\d+) tests? in /m)?.[1];
  const verdict = log.match(/^(?:OK|FAILED|NO TESTS RAN)(?: \((.*)\))?\s*$/m);
  if (ran === undefined || verdict === null) return null;
  const count = (word) => Number(verdict[1]?.match(new RegExp(`\\b${word}=(\\d+)`))?.[1] ?? 0);
  const failed = count('failures') + count('errors') + count('unexpected successes');
  const skipped = count('skipped') + count('expected failures');
  // Each part of a test that fails counts as a failure, so that there can be more of them than tests.
  return { passed: Math.max(0, Number(ran) - failed - skipped), failed, skipped };
}

/**
 * What a finished stage adds to the sum. A stage that failed counts at least one failure, whatever
 * its log says; so does a test stage that came to no end or ran nothing. One whose log begins with
 * "skipped: reason" found that what it tests with is not on this machine.
 *
 * @param {number} exitCode of the stage's command
 * @param {string} log what the command printed
 * @param {((log: string) => Counts | null) | undefined} read none for a stage that runs no tests
 * @returns {Counts & { fault?: string }}
 */
export function judge(exitCode, log, read) {
  const nothing = { passed: 0, failed: 0, skipped: 0 };
  if (exitCode === 0 && read && /^skipped: /.test(plain(log))) return { ...nothing, skipped: 1 };
  const counts = read ? read(plain(log)) : nothing;
  if (counts === null) {
    return { ...nothing, failed: 1, fault: `ended without a result (exit code ${exitCode})` };
  }
  if (exitCode !== 0 && counts.failed === 0) {
    return { ...counts, failed: 1, fault: `exit code ${exitCode}` };
  }
  if (exitCode === 0 && read && counts.passed + counts.failed + counts.skipped === 0) {
    return { ...counts, failed: 1, fault: 'ran no test' };
  }
  return counts;
}

/** The line that closes a run. */
export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`;
}
