/**
 * A browser without a language calls it “C”. That is not a language tag, and formatting numbers with it throws an error. This
 * runs before any such code and sets English, the language of the page.
 */

function isLanguage(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length > 0;
  } catch {
    return false;
  }
}

if (!isLanguage(navigator.language)) {
  Object.defineProperty(navigator, 'language', { value: document.documentElement.lang, configurable: true });
}
