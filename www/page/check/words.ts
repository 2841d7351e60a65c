/** How the checks stand, in words. */

import type { Build } from '../../engine/protocol';
import type { Outcome } from './check';

export function stateInWords(outcome: Outcome): string {
  switch (outcome.state) {
    case 'waiting':
      return 'Waits';
    case 'running':
      return `Running: ${String(Math.round(100 * outcome.share))} %`;
    case 'passed':
      return 'Right';
    case 'failed':
      return 'Wrong';
    case 'impossible':
      return 'Could not run here';
  }
}

export function summary(outcomes: readonly Outcome[]): string {
  const of = (...states: Outcome['state'][]): number =>
    outcomes.filter(({ state }) => states.includes(state)).length;
  const [right, wrong, impossible] = [of('passed'), of('failed'), of('impossible')];
  const parts = [
    `${String(right)} of ${String(outcomes.length)} right`,
    ...(wrong > 0 ? [`${String(wrong)} wrong`] : []),
    ...(impossible > 0 ? [`${String(impossible)} could not run here`] : []),
    ...(of('waiting', 'running') > 0 ? ['still running'] : []),
  ];
  return parts.join(', ');
}

const BUILDS: Readonly<Record<Build['name'], string>> = {
  simd128: 'WebAssembly with SIMD (one instruction for four numbers)',
  'relaxed-simd': 'WebAssembly with relaxed SIMD (multiply and add in one instruction)',
  'relaxed-simd+threads': 'WebAssembly with relaxed SIMD (multiply and add in one instruction) and threads',
};

export function buildInWords({ name, threads }: Build): string {
  return `What ran: ${BUILDS[name]}, on ${String(threads)} ${threads === 1 ? 'thread' : 'threads'}. It is the build that trains models in this tab.`;
}
