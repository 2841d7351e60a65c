/** A question that the visitor answers with yes or no before something is lost. */

export class Question {
  asked = $state.raw<{ text: string; yes: string }>();
  #answer: ((yes: boolean) => void) | undefined;

  /** Resolves to the visitor's answer; a question that still stands is answered with no. */
  ask(text: string, yes: string): Promise<boolean> {
    this.answer(false);
    this.asked = { text, yes };
    return new Promise((resolve) => {
      this.#answer = resolve;
    });
  }

  answer(yes: boolean): void {
    this.asked = undefined;
    this.#answer?.(yes);
    this.#answer = undefined;
  }
}
