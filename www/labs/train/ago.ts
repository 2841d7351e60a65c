/** Past moments in words. */

import { locale } from '../../locales/locale';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });

/** How long ago a moment was; both in milliseconds since 1970. */
export function ago(time: number, now = Date.now()): string {
  const passed = now - time;
  if (passed < 1.5 * MINUTE_MS) return relative.format(-Math.round(passed / 1_000), 'second');
  if (passed < 1.5 * HOUR_MS) return relative.format(-Math.round(passed / MINUTE_MS), 'minute');
  if (passed < DAY_MS) return relative.format(-Math.round(passed / HOUR_MS), 'hour');
  return relative.format(-Math.round(passed / DAY_MS), 'day');
}
