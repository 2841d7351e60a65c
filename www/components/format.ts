/** Numbers for people: with a true minus sign, and only as many digits as are meaningful. */

import { locale } from '../locales/locale';

const MINUS = '−';

/** Larger numbers are written as 7.9·10³²: in full they would cover the figure. */
const HUGE = 1e6;
const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';

export function signed(value: number, digits: number): string {
  if (!Number.isFinite(value)) return '–';
  if (Math.abs(value) >= HUGE) return bySize(value);
  const text = Math.abs(value).toFixed(digits);
  // A value that rounds to zero has no sign.
  return value < 0 && Number(text) !== 0 ? MINUS + text : text;
}

function bySize(value: number): string {
  const [digits = '', power = '0'] = Math.abs(value).toExponential(1).split('e+');
  const exponent = Array.from(power, (digit) => SUPERSCRIPTS[Number(digit)] ?? '').join('');
  return `${value < 0 ? MINUS : ''}${digits}·10${exponent}`;
}

/** Between thousands. The point before decimals is the same in all languages, so a point there would say another number. */
const BETWEEN_THOUSANDS = locale === 'en' ? ',' : '\u202f';

/** A count, in full: 2,796. */
export function counted(value: number): string {
  return inThousands(value, {});
}

/** With the thousands apart: 2,796. */
export function grouped(value: number, digits = 0): string {
  const text = signed(value, digits);
  if (!/^−?\d{4,}/.test(text) || Math.abs(value) >= HUGE) return text;
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return `${value < 0 ? MINUS : ''}${inThousands(Math.abs(value), options)}`;
}

function inThousands(value: number, options: Intl.NumberFormatOptions): string {
  return value.toLocaleString('en', options).replaceAll(',', BETWEEN_THOUSANDS);
}

/** Nats to a tenth. */
export function nats(value: number): string {
  return signed(value, 1);
}

export function megabytes(bytes: number): string {
  return bytes < 100_000 ? `${(bytes / 1e3).toFixed(0)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
