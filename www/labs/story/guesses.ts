/** Guesses on a slider, and what is said of a guess beside the answer. */

import type { Amount, Choice } from './chapter';
import type { Guess } from './progress.svelte';

/** The slider has places 0 to this. */
export const PLACES = 200;
/** A guess within this share of the slider is good. */
const CLOSE = 0.06;

const fraction = ({ from, to, logarithmic }: Amount, value: number): number =>
  logarithmic ? Math.log(value / from) / Math.log(to / from) : (value - from) / (to - from);

export function valueAt(amount: Amount, place: number): number {
  const { from, to, logarithmic } = amount;
  const share = place / PLACES;
  const value = logarithmic ? from * (to / from) ** share : from + share * (to - from);
  // Two digits are as much as anybody guesses; a plain slider counts whole things.
  if (logarithmic)
    return value >= 10 ? Math.round(Number(value.toPrecision(2))) : Number(value.toPrecision(2));
  return Math.round(value);
}

export function placeOf(amount: Amount, value: number): number {
  return Math.round(PLACES * Math.min(1, Math.max(0, fraction(amount, value))));
}

/** One sentence that sets the guess beside the answer, which may be known to be more than a limit only. */
export function compare(
  guess: Choice | Amount,
  given: Guess,
  answer: number | string,
  shown: (amount: Amount, value: number) => string,
  isLimit = false,
): string | undefined {
  if (guess.kind === 'choice') {
    return given === answer
      ? `Yes: ${named(guess, answer)}.`
      : `You said “${named(guess, given)}”; it is “${named(guess, answer)}”.`;
  }
  if (typeof given !== 'number' || typeof answer !== 'number') return undefined;
  const away = Math.abs(fraction(guess, given) - fraction(guess, answer));
  const said = `You said ${shown(guess, given)}; it is ${isLimit ? 'more than ' : ''}${shown(guess, answer)}`;
  return away <= CLOSE && !isLimit ? `${said}: well guessed.` : `${said}.`;
}

/** What is said of a guess that was set beside another answer, for another drawing or in another run. */
export function recall(
  guess: Choice | Amount,
  given: Guess,
  before: Guess,
  now: Guess,
  shown: (amount: Amount, value: number) => string,
): string {
  const name = (value: Guess): string =>
    guess.kind === 'amount' && typeof value === 'number'
      ? shown(guess, value)
      : `“${guess.kind === 'choice' ? named(guess, value) : String(value)}”`;
  return `Here it is ${name(now)}. Your guess was ${name(given)} when it was ${name(before)}.`;
}

const named = (guess: Choice, id: Guess): string =>
  guess.options.find((option) => option.id === id)?.name ?? String(id);
