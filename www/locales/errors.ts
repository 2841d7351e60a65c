/**
 * What the crate says of errors: it comes at run time and in English, with its values in it. `errors.<language>.json` has
 * these messages as the crate's sources write them, `{name}` for a value, and what they are in another language, `{0}` for
 * the first value.
 */

/** Filled with the page's other texts, in a language other than English. The first message that fits is the one. */
export const messages: Record<string, string> = {};

const VALUE = /\{[^{}]*\}/;
const escaped = (words: string): string => words.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
const expression = (message: string): RegExp =>
  new RegExp(`^${message.split(VALUE).map(escaped).join('(.*?)')}$`, 's');

/** A message in the page's language; one that nobody has translated is shown as it is. */
export function translatedError(message: string): string {
  for (const [english, translation] of Object.entries(messages)) {
    const found = expression(english).exec(message);
    if (!found) continue;
    // What stands in quotation marks is a name.
    return translation.replace(/(„?)\{(\d+)\}/g, (_, quote: string, at: string) => {
      const value = found[Number(at) + 1] ?? '';
      return quote ? quote + value : translatedValue(value);
    });
  }
  return message;
}

/** A value may be a message itself, such as a cause, or a number. */
function translatedValue(value: string): string {
  if (/^\d{4,}$/.test(value)) return value.replace(/\B(?=(?:\d{3})+$)/g, '\u202f');
  return /^-?\d+\.\d+(?:e-?\d+)?$/.test(value) ? value.replace('.', ',') : translatedError(value);
}
