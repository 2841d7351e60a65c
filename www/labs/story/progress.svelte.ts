/** How far the visitor has come, kept in the browser. */

export type Guess = number | string;

interface Kept {
  /** Where they were last. */
  chapter: number;
  /** What they have guessed, by chapter: those are done. */
  guesses: Readonly<Record<string, Guess>>;
  /** The answers that they were first set beside: another drawing may have another. */
  answers: Readonly<Record<string, Guess>>;
}

const STORAGE_KEY = 'story';
const NOTHING: Kept = { chapter: 1, guesses: {}, answers: {} };

function isGuess(value: unknown): value is Guess {
  return typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value));
}

const guessesIn = (kept: unknown): Record<string, Guess> =>
  Object.fromEntries(
    Object.entries((kept ?? {}) as Record<string, unknown>).filter((entry): entry is [string, Guess] =>
      isGuess(entry[1]),
    ),
  );

/** What can be read of a kept text: others may have written it. */
export function readKept(text: string | null): Kept {
  try {
    const { chapter, guesses, answers } = JSON.parse(text ?? '') as Partial<Record<keyof Kept, unknown>>;
    return {
      chapter: typeof chapter === 'number' && Number.isInteger(chapter) ? chapter : NOTHING.chapter,
      guesses: guessesIn(guesses),
      answers: guessesIn(answers),
    };
  } catch {
    return NOTHING;
  }
}

function changed(all: Kept['guesses'], chapter: number, to: Guess | undefined): Kept['guesses'] {
  const others = Object.entries(all).filter(([one]) => one !== String(chapter));
  return Object.fromEntries(to === undefined ? others : [...others, [String(chapter), to]]);
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

  /** Whether anything was guessed or turned to. */
  get hasBegun(): boolean {
    return this.#kept.chapter > 1 || Object.keys(this.#kept.guesses).length > 0;
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
    const { guesses, answers } = this.#kept;
    this.#keep({
      ...this.#kept,
      guesses: changed(guesses, chapter, guess),
      answers: changed(answers, chapter, undefined),
    });
  }

  answerOf(chapter: number): Guess | undefined {
    return this.#kept.answers[String(chapter)];
  }

  /** The guess was set beside this answer. */
  judge(chapter: number, answer: Guess): void {
    if (answer !== this.answerOf(chapter)) {
      this.#keep({ ...this.#kept, answers: changed(this.#kept.answers, chapter, answer) });
    }
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
