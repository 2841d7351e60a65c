/** The checks as they are run now, in a worker of their own. */

import { engine, type WorkerClient } from '../../engine/client';
import { abortError, isAbort } from '../../engine/latest';
import type { Build, StrokeData } from '../../engine/protocol';
import { wordsOf } from '../../engine/wordsOf';
import { fetchBytes } from '../../state/modelFiles';
import { CannotRun, type Bench, type Outcome } from './check';
import { checks } from './checks';
import { recorded } from './recorded';
import { runChecks } from './runner';

const MODEL = 'checked model';

export class Examination {
  outcomes = $state.raw<Readonly<Record<string, Outcome>>>({});
  /** The build of the engine that was checked. */
  build = $state.raw<Build>();
  isRunning = $state(false);
  #run = 0;
  #stop: (() => void) | undefined;

  /** Runs all checks; `strokes` is the visitor's drawing, if there is one. */
  async start(strokes: StrokeData | undefined): Promise<void> {
    this.stop();
    this.#run += 1;
    const worker = engine.newTrainer();
    const abort = new AbortController();
    const stop = (): void => {
      abort.abort(abortError());
      worker.end();
    };
    this.#stop = stop;
    this.isRunning = true;
    this.outcomes = Object.fromEntries(checks.map(({ id }) => [id, { state: 'waiting' }]));
    const tell = (id: string, outcome: Outcome): void => {
      if (!abort.signal.aborted) this.outcomes = { ...this.outcomes, [id]: outcome };
    };
    try {
      const build = await worker.call('build', [], abort.signal);
      if (abort.signal.aborted) return;
      this.build = build;
      await runChecks(checks, benchOf(worker, abort.signal, strokes, this.#run), tell);
    } catch (error) {
      if (isAbort(error)) return;
      const reason = `the engine did not start: ${wordsOf(error)}`;
      for (const { id } of checks) tell(id, { state: 'impossible', reason });
    } finally {
      if (this.#stop === stop) {
        this.isRunning = false;
        this.stop();
      }
    }
  }

  /** Gives the worker back; what was found stays. */
  stop(): void {
    this.#stop?.();
    this.#stop = undefined;
  }
}

function benchOf(
  worker: WorkerClient,
  signal: AbortSignal,
  strokes: StrokeData | undefined,
  seed: number,
): Omit<Bench, 'progress'> {
  const ask: Bench['ask'] = async (method, ...parameters) => {
    const answer = await worker.call(method, parameters, signal);
    signal.throwIfAborted();
    return answer;
  };
  let loaded: Promise<string> | undefined;
  const load = async (): Promise<string> => {
    const bytes = await fetchBytes(`${recorded.model}.safetensors`, signal).catch((error: unknown) => {
      if (isAbort(error)) throw error;
      throw new CannotRun(`the shipped model could not be fetched (${wordsOf(error)})`);
    });
    await worker.loadModel(MODEL, bytes, signal);
    return MODEL;
  };
  return {
    ask,
    seed,
    model: () => (loaded ??= load()),
    async subject() {
      const grey = strokes
        ? await ask('normalizeStrokes', strokes)
        : (await ask('strokeDigit', recorded.digits.seed, 0)).pixels;
      return {
        pixels: grey.map((value) => (value >= 0.5 ? 1 : 0)),
        name: strokes ? 'the drawing on the page' : 'a stroke digit, since nothing is drawn',
      };
    },
  };
}
