/** What information is counted in, all over the page: nats (natural logarithms) or bits (of base two). */

import { inLanguage } from '../locales/numbers';

export type Unit = 'nats' | 'bits';

const STORAGE_KEY = 'unit';

class Units {
  current = $state<Unit>('nats');

  constructor() {
    try {
      if (localStorage.getItem(STORAGE_KEY) === 'bits') this.current = 'bits';
    } catch {
      // Storage may be forbidden; the page then counts in nats.
    }
  }

  choose(unit: Unit): void {
    this.current = unit;
    try {
      localStorage.setItem(STORAGE_KEY, unit);
    } catch {
      // The choice then lasts as long as the page.
    }
  }

  /** A quantity in nats, in the unit of the page. */
  of(nats: number): number {
    return this.current === 'bits' ? nats / Math.LN2 : nats;
  }

  /** A limit of an error in nats, in words: one digit in the unit of the page, rounded up, so that it stays a limit. */
  within(nats: number): string {
    const limit = this.of(nats);
    const step = 10 ** Math.floor(Math.log10(limit));
    // 0.005 is no whole number of steps in floating point.
    const rounded = Number((Math.ceil(limit / step - 1e-9) * step).toPrecision(1));
    return `${inLanguage(String(rounded))} ${this.current}`;
  }
}

export const units = new Units();
