/** The language of the page: a choice made here, else the first of the browser's that the page has. */

export const LOCALES = ['en', 'de'] as const;
export type Locale = (typeof LOCALES)[number];

/** Each language in its own words. */
export const LOCALE_NAMES: Readonly<Record<Locale, string>> = { en: 'English', de: 'Deutsch' };

const STORAGE_KEY = 'language';

/** A worker has no document, and speaks English. The HTML has chosen before any module is there. */
const chosen = typeof document === 'undefined' ? undefined : document.documentElement.lang;

export const locale: Locale = LOCALES.find((one) => one === chosen) ?? 'en';

/** Shows the page in another language, at an address: anew, since modules read their texts once. */
export function changeLocale(other: Locale, address: string): void {
  const next = new URL(address, location.href);
  try {
    localStorage.setItem(STORAGE_KEY, other);
    next.searchParams.delete('lang');
  } catch {
    // Without storage the address says it.
    next.searchParams.set('lang', other);
  }
  history.replaceState(history.state, '', next);
  location.reload();
}
