/** How the language of the page writes numbers: 2,796.5 in English, 2 796,5 in German. */

import { locale } from './locale';

const isEnglish = locale === 'en';

const BEFORE_DECIMALS = isEnglish ? '.' : ',';
/** No language but English may have a comma or a point here: one of them stands before its decimals. */
export const BETWEEN_THOUSANDS = isEnglish ? ',' : '\u202f';
/** Between the numbers of a list or of a place: a comma that is in the numbers too would be misread. */
export const BETWEEN_NUMBERS = isEnglish ? ', ' : '; ';

/** A number as JavaScript writes it, as the language does. */
export function inLanguage(text: string): string {
  return text.replace('.', BEFORE_DECIMALS);
}
