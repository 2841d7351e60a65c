/** Numbers for people: a true minus sign, and as many digits as mean something. */

const MINUS = '−';

export function signed(value: number, digits: number): string {
  const text = Math.abs(value).toFixed(digits);
  // What rounds to zero has no sign.
  return value < 0 && Number(text) !== 0 ? MINUS + text : text;
}

/** Nats to a tenth. */
export function nats(value: number): string {
  return signed(value, 1);
}

export function megabytes(bytes: number): string {
  return bytes < 100_000 ? `${(bytes / 1e3).toFixed(0)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
