/**
 * A browser without a language names it “C”, which is no tag of a language: whoever formats numbers by it throws. This
 * comes before such code and gives it English, the page's own language.
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
