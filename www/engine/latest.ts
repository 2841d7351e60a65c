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
 * At most one request is in flight and at most one waits. A new request replaces the one that waits and makes the
 * result of the one in flight worthless: both reject with an `AbortError`, at once. The next starts when the one in
 * flight has really finished, so a slow worker never holds a queue of stale work.
 */
export class LatestWins {
  #current: Job | undefined;
  #waiting: Job | undefined;

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
      this.#current?.drop();
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
