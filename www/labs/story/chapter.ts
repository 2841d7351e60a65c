/**
 * What a chapter is: data alone, one file a chapter in `chapters/`, found by itself.
 *
 * In texts, `*word*` is stressed, `_x_` is a letter of mathematics, `$log p(x)$` a short formula (see
 * components/mathml.ts), `[words](term)` a term of the glossary; `[term]` names it by itself. In what is said after a guess,
 * `{name}` is a fact of the figure, `{name:2}` the same with two decimals, `{name:nats}` in the page's unit.
 */

import type { Component } from 'svelte';

import type { Sketch } from '../../state/drawing.svelte';
import type { Settings } from '../../state/page.svelte';

/** What a figure has computed, by name: numbers, and names of choices. */
export type Facts = Readonly<Record<string, number | string>>;

/** What every figure is given. */
export interface FigureProps {
  /** To be called with what is computed; without anything while it is computed anew. */
  tell: (facts: Facts | undefined) => void;
  /** Whether the visitor has guessed: only then a figure may show the answer. */
  revealed: boolean;
}

/** The part of a figure that a chapter points at: figures mark theirs with `data-part`. */
export type Part = 'draw' | 'map' | 'slider' | 'button' | 'picture';

export interface Choice {
  kind: 'choice';
  options: readonly { id: string; name: string }[];
}

export interface Amount {
  kind: 'amount';
  from: number;
  to: number;
  /** Equal steps are equal factors. */
  logarithmic?: boolean;
  /** What is counted; `nats` follows the page's unit. */
  unit: string;
}

export interface Question {
  ask: string;
  guess: Choice | Amount;
  /** The fact that answers it: the id of a choice, or a number. */
  answer: string;
  /** The fact that says, by 1 instead of 0, that the answer is more than that number, and how much more nobody has seen. */
  isLimit?: string;
  /** What is said after the comparison. */
  reveal: string;
}

export type Role = 'x' | 'z' | 'encoder' | 'decoder' | 'truth';

/** A part of a formula, with what it is and its number of now. */
export interface Term {
  math: string;
  role?: Role;
  says: string;
  /** The fact under it, nats. */
  fact: string;
  /** It would give the answer away: its number waits for the guess. */
  isAnswer?: boolean;
}

export interface Chapter {
  number: number;
  title: string;
  /** Id of the shipped model that it is about. */
  model: string;
  /** A drawing to look at in place of the visitor's. */
  sketch?: Sketch;
  /** A sentence or two above the figure. */
  lead: string;
  /** Further paragraphs. */
  text: readonly string[];
  /** Lines of terms, with signs between them. */
  formulas?: readonly (readonly (Term | string)[])[];
  /** Why it is so, step by step, for those who ask. */
  why?: {
    ask: string;
    steps: readonly string[];
    /** It would give the answer away, and waits for the guess. */
    isAnswer?: boolean;
  };
  /** The one thing to do, and with which part of the figure. */
  task: string;
  touch: Part;
  figure: () => Promise<{ default: Component<FigureProps> }>;
  question: Question;
  /** A lab that has more of it. */
  more?: { lab: string; settings?: Settings; words: string };
}
