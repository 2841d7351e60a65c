/** Short messages that come and go; the page announces them to screen readers too. */

import { isAbort } from '../engine/latest';
import { EngineError } from '../engine/protocol';
import { wordsOf } from '../engine/wordsOf';

export type ToastKind = 'note' | 'problem';

export interface ToastMessage {
  readonly id: number;
  readonly kind: ToastKind;
  readonly text: string;
}

const SHOWN_MS = { note: 5_000, problem: 12_000 };

class Toasts {
  #next = 0;
  messages = $state.raw<readonly ToastMessage[]>([]);

  show(text: string, kind: ToastKind = 'note'): void {
    if (this.messages.some((message) => message.text === text)) return;
    const id = this.#next;
    this.#next += 1;
    this.messages = [...this.messages, { id, kind, text }];
    setTimeout(() => {
      this.dismiss(id);
    }, SHOWN_MS[kind]);
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
