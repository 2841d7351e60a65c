/** How far the visitor has come, kept in the browser. */

export type Guess = number | string;

interface Kept {
  /** Where they were last. */
  chapter: number;
  /** What they have guessed, by chapter: those are done. */
  guesses: Readonly<Record<string, Guess>>;
}

const STORAGE_KEY = 'story';
const NOTHING: Kept = { chapter: 1, guesses: {} };

function isGuess(value: unknown): value is Guess {
  return typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value));
}

/** What can be read of a kept text: others may have written it. */
export function readKept(text: string | null): Kept {
  try {
    const { chapter, guesses } = JSON.parse(text ?? '') as Partial<Record<keyof Kept, unknown>>;
    return {
      chapter: typeof chapter === 'number' && Number.isInteger(chapter) ? chapter : NOTHING.chapter,
      guesses: Object.fromEntries(
        Object.entries((guesses ?? {}) as Record<string, unknown>).filter((entry): entry is [string, Guess] =>
          isGuess(entry[1]),
        ),
      ),
    };
  } catch {
    return NOTHING;
  }
}

class Progress {
  #kept = $state.raw<Kept>(NOTHING);

  constructor() {
    try {
      this.#kept = readKept(localStorage.getItem(STORAGE_KEY));
    } catch {
      // Storage may be forbidden; the visitor then begins at the beginning.
    }
  }

  get chapter(): number {
    return this.#kept.chapter;
  }

  guessOf(chapter: number): Guess | undefined {
    return this.#kept.guesses[String(chapter)];
  }

  reach(chapter: number): void {
    if (chapter !== this.#kept.chapter) this.#keep({ ...this.#kept, chapter });
  }

  /** Undefined takes the guess back. */
  guess(chapter: number, guess: Guess | undefined): void {
    const others = Object.entries(this.#kept.guesses).filter(([one]) => one !== String(chapter));
    const own = guess === undefined ? [] : [[String(chapter), guess] as const];
    this.#keep({ ...this.#kept, guesses: Object.fromEntries([...others, ...own]) });
  }

  #keep(kept: Kept): void {
    this.#kept = kept;
    try {
      localStorage.setItem(STORAGE_KEY, JSON.stringify(kept));
    } catch {
      // Progress then lasts as long as the page.
    }
  }
}

export const progress = new Progress();
