/** Whether a long run takes more and more memory. */

import { counted, megabytes } from '../../components/format';
import type { Check, Finding } from './check';

const KEY = 'memory';
const SPEC = { model: 'vae', latents: 2, hidden: [64], activation: 'relu' };
/** Steps after which the run has all the memory that it needs, and steps after which it must not have more. */
const FROM = 100;
const UNTIL = 1100;
const IMAGES = 1000;
/** Of one call, milliseconds: the page shows how far it is. */
const PIECE_MS = 100;

/** Bytes that the engine has after each of these numbers of steps. */
export function judge(before: number, after: number): Finding {
  return {
    passed: before > 0 && after <= before,
    figures: [
      { name: `After ${String(FROM)} steps`, value: megabytes(before) },
      { name: `After ${counted(UNTIL)} steps`, value: megabytes(after) },
      { name: 'Growth', value: `${String(after - before)} bytes` },
    ],
  };
}

export const memory: Check = {
  id: 'memory',
  title: 'A thousand training steps take no more memory',
  compares:
    'A small model is trained in a worker of its own. The memory that the program has taken from the browser is read after 100 steps and again after 1,100 steps.',
  tolerance: 'no growth: 0 bytes',
  async run({ ask, progress }) {
    await ask('strokesDataset', KEY, IMAGES, 1);
    await ask('createModel', KEY, SPEC, 1);
    await ask('createTrainer', KEY, KEY, KEY, { batchSize: 64, seed: 1 });
    let steps = 0;
    const trainTo = async (end: number): Promise<void> => {
      while (steps < end) {
        steps += (await ask('train', KEY, PIECE_MS, end - steps)).length;
        progress(steps / UNTIL);
      }
    };
    await trainTo(FROM);
    const before = await ask('memory');
    await trainTo(UNTIL);
    const after = await ask('memory');
    await ask('releaseTrainer', KEY);
    await ask('releaseModel', KEY);
    await ask('releaseDataset', KEY);
    return judge(before, after);
  },
};
