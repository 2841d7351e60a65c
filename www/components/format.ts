/** Numbers for people: as their language writes them, with a true minus sign, and only as many digits as are meaningful. */

import { BETWEEN_NUMBERS, BETWEEN_THOUSANDS, inLanguage } from '../locales/numbers';

const MINUS = '−';

/** Larger numbers are written as 7.9·10³²: in full they would cover the figure. */
const HUGE = 1e6;
const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** With so many decimals. */
export function signed(value: number, digits: number): string {
  if (!Number.isFinite(value)) return '–';
  if (Math.abs(value) >= HUGE) return scientific(value, 2);
  const text = Math.abs(value).toFixed(digits);
  // A value that rounds to zero has no sign.
  return withSign(Number(text) === 0 ? 0 : value, inLanguage(text));
}

/** With so many digits that count: 0.0042, 3.70, 1200. */
export function significant(value: number, digits: number): string {
  if (!Number.isFinite(value)) return '–';
  const text = Math.abs(value).toPrecision(digits);
  if (!text.includes('e')) return withSign(value, inLanguage(text));
  return Math.abs(value) < 1 ? scientific(value, digits) : signed(Number(value.toPrecision(digits)), 0);
}

/** With so many digits that count, and a power of ten: 7.9·10³², 4.2·10⁻⁷. */
export function scientific(value: number, digits: number): string {
  const [figures = '', power = ''] = Math.abs(value)
    .toExponential(digits - 1)
    .split('e');
  const exponent = Array.from(power, (sign) => SUPERSCRIPTS[Number(sign)] ?? (sign === '-' ? '⁻' : '')).join(
    '',
  );
  return withSign(value, `${inLanguage(figures)}·10${exponent}`);
}

/** With all the digits that it has: of what was chosen, not measured. */
export function exactly(value: number): string {
  return withSign(value, inLanguage(String(Math.abs(value))));
}

/** A setting, of whatever kind. */
export function chosen(value: unknown): string {
  if (Array.isArray(value)) return value.map(chosen).join(', ');
  return typeof value === 'number' ? exactly(value) : String(value);
}

/** A count, in full: 2,796. */
export function counted(value: number): string {
  return inThousands(value, {});
}

/** With the thousands apart: 2,796.50. */
export function grouped(value: number, digits = 0): string {
  const text = signed(value, digits);
  if (!/^−?\d{4,}/.test(text) || Math.abs(value) >= HUGE) return text;
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return withSign(value, inThousands(Math.abs(value), options));
}

/** Some numbers, such as the two of a place: −1.20, 0.31. */
export function listed(values: Iterable<number>, digits: number): string {
  return Array.from(values, (value) => signed(value, digits)).join(BETWEEN_NUMBERS);
}

/** A place, by the names of its axes: z1 −1.20, z2 0.31. */
export function placed(axes: readonly string[], values: readonly number[], digits: number): string {
  return axes.map((axis, at) => `${axis} ${signed(values[at] ?? NaN, digits)}`).join(BETWEEN_NUMBERS);
}

/** Nats to a tenth. */
export function nats(value: number): string {
  return signed(value, 1);
}

export function megabytes(bytes: number): string {
  return bytes < 100_000 ? `${signed(bytes / 1e3, 0)} kB` : `${signed(bytes / 1e6, 1)} MB`;
}

/** What a visitor has typed, with a decimal comma or a decimal point; NaN where it is no number. */
export function typed(text: string): number {
  const plain = text.replace(/\s/g, '').replace(MINUS, '-').replace(',', '.');
  return plain === '' ? NaN : Number(plain);
}

function withSign(value: number, text: string): string {
  return value < 0 ? MINUS + text : text;
}

function inThousands(value: number, options: Intl.NumberFormatOptions): string {
  return inLanguage(value.toLocaleString('en', options).replaceAll(',', BETWEEN_THOUSANDS));
}
