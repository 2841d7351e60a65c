/**
 * What the crate says and what the catalogue of shipped models says: the English of these is in no source of the page, and
 * comes at run time. `crate.<language>.json` has it in another language.
 */

/** Filled with the page's other texts, in a language other than English. */
export const dictionary: Record<string, string> = {};

/** A text in the page's language; one that nobody has translated is shown as it is. */
export const translated = (text: string): string => dictionary[text] ?? text;
