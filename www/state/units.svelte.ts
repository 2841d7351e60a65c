/** What information is counted in, all over the page: nats (natural logarithms) or bits (of base two). */

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
}

export const units = new Units();
