/** The reason a request is given up: a newer one took its place, or the caller's signal said so. */
export function abortError(): DOMException {
  return new DOMException('A newer request took its place.', 'AbortError');
}

export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

interface Job {
  start(): Promise<void>;
  drop(): void;
}

/**
 * One lane of requests of which only the newest matters.
 *
 * At most one request is in flight and at most one waits. A new request replaces the one that waits, which rejects with
 * an `AbortError` at once; it starts when the one in flight has really finished, so a slow worker never holds a queue of
 * stale work. The one in flight is either let finish, so that a pen faster than the worker still sees progress, or its
 * result is given up as well.
 */
export class LatestWins {
  readonly #inFlight: 'finish' | 'abort';
  #current: Job | undefined;
  #waiting: Job | undefined;

  constructor(inFlight: 'finish' | 'abort' = 'finish') {
    this.#inFlight = inFlight;
  }

  submit<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const abort = new AbortController();
      const job: Job = {
        start: () => run(abort.signal).then(resolve, reject),
        drop: () => {
          abort.abort();
          reject(abortError());
        },
      };
      this.#waiting?.drop();
      if (this.#inFlight === 'abort') this.#current?.drop();
      if (this.#current) this.#waiting = job;
      else this.#start(job);
    });
  }

  /** Gives up what is in flight and what waits. */
  clear(): void {
    this.#waiting?.drop();
    this.#waiting = undefined;
    this.#current?.drop();
  }

  #start(job: Job): void {
    this.#current = job;
    this.#waiting = undefined;
    void job.start().finally(() => {
      this.#current = undefined;
      if (this.#waiting) this.#start(this.#waiting);
    });
  }
}
