/** What a run tells of itself, in words. */

import { counted, exactly } from '../../../components/format';
import type { RunNotice } from './runTypes';

export function recovered(step: number, learningRate: number): RunNotice {
  return {
    kind: 'recovered',
    text: `The numbers became infinite. Training went back to step ${counted(step)}, its last good state, and halved the learning rate to ${exactly(Number(learningRate.toPrecision(3)))}.`,
  };
}

export function restarted(reason: string, step: number, goesOn: boolean): RunNotice {
  return {
    kind: 'restarted',
    text: `The training worker stopped (${reason}) and was restarted. ${goesOn ? 'Training goes on' : 'The run stands ready'} from its last checkpoint, step ${counted(step)}.`,
  };
}

/** The visitor wanted another worker. */
export function moved(reason: string, step: number, goesOn: boolean): RunNotice {
  const how = reason.replace(/^to go on with/, 'with');
  return {
    kind: 'moved',
    text: `${goesOn ? 'Training goes on' : 'The run stands ready'} ${how}, from step ${counted(step)}.`,
  };
}

/** The same step has ended two workers: a third would fare no better. */
export function hopeless(reason: string, step: number): string {
  return `The worker stopped twice at step ${counted(step)} (${reason}), so the run stops there. It may need too much memory for this browser. Try smaller batches, fewer draws of z, fewer or smaller hidden layers, or one thread.`;
}

export function failedStart(error: unknown): string {
  return `The training worker cannot be started (${(error as Error).message}). Reload the page to go on from the last checkpoint.`;
}
