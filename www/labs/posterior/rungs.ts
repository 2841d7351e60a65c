/** Labels beside places of their own: pushed apart where they would cover each other. */

/** Ordinates in ascending order, at least `apart` from each other, as near to the wanted ones as that allows. */
export function spreadOut(wanted: readonly number[], apart: number, low: number, high: number): number[] {
  const order = wanted.map((_, index) => index).sort((a, b) => (wanted[a] ?? 0) - (wanted[b] ?? 0));
  const found = [...wanted];
  let floor = low;
  for (const index of order) {
    found[index] = Math.max(floor, wanted[index] ?? 0);
    floor = (found[index] ?? 0) + apart;
  }
  let ceiling = high;
  for (const index of order.reverse()) {
    found[index] = Math.min(ceiling, found[index] ?? 0);
    ceiling = (found[index] ?? 0) - apart;
  }
  return found;
}
