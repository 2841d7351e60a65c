/** Short messages that come and go; the page announces them to screen readers too. */

import { isAbort } from '../engine/latest';
import { EngineError } from '../engine/protocol';
import { wordsOf } from '../engine/wordsOf';

export type ToastKind = 'note' | 'problem';

export interface ToastMessage {
  readonly id: number;
  readonly kind: ToastKind;
  readonly text: string;
  /** What the visitor may do about it. */
  readonly offer?: Offer;
}

export interface Offer {
  readonly label: string;
  readonly take: () => void;
}

const SHOWN_MS = { note: 5_000, problem: 12_000 };

class Toasts {
  #next = 0;
  messages = $state.raw<readonly ToastMessage[]>([]);

  show(text: string, kind: ToastKind = 'note'): void {
    const id = this.#add({ kind, text });
    if (id === undefined) return;
    setTimeout(() => {
      this.dismiss(id);
    }, SHOWN_MS[kind]);
  }

  /** Stays until the visitor takes the offer or dismisses it. */
  ask(text: string, offer: Offer): void {
    this.#add({ kind: 'note', text, offer });
  }

  /** Nothing, where the same is being said. */
  #add(message: Omit<ToastMessage, 'id'>): number | undefined {
    if (this.messages.some(({ text }) => text === message.text)) return undefined;
    const id = this.#next;
    this.#next += 1;
    this.messages = [...this.messages, { id, ...message }];
    return id;
  }

  dismiss(id: number): void {
    this.messages = this.messages.filter((message) => message.id !== id);
  }
}

export const toasts = new Toasts();

/**
 * Tells the visitor what went wrong. A dropped request is no news, and a lost worker is announced once, where it is
 * restarted. Made for `promise.catch(report)`.
 */
export function report(error: unknown): void {
  if (isAbort(error) || (error instanceof EngineError && error.code === 'worker-lost')) return;
  toasts.show(wordsOf(error), 'problem');
}
