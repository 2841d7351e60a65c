/** Runs the checks, one after the other; whatever happens in one is told in its outcome. */

import { isAbort } from '../../engine/latest';
import { wordsOf } from '../../engine/wordsOf';
import { CannotRun, type Bench, type Check, type Outcome } from './check';

export async function runChecks(
  checks: readonly Check[],
  bench: Omit<Bench, 'progress'>,
  tell: (id: string, outcome: Outcome) => void,
): Promise<void> {
  for (const check of checks) {
    tell(check.id, { state: 'running', share: 0 });
    const progress = (share: number): void => {
      tell(check.id, { state: 'running', share });
    };
    tell(check.id, await outcomeOf(check, { ...bench, progress }));
  }
}

async function outcomeOf(check: Check, bench: Bench): Promise<Outcome> {
  try {
    const { passed, figures } = await check.run(bench);
    return { state: passed ? 'passed' : 'failed', figures };
  } catch (error) {
    if (isAbort(error)) throw error;
    const reason = wordsOf(error);
    return error instanceof CannotRun
      ? { state: 'impossible', reason }
      : { state: 'failed', figures: [], reason };
  }
}
