/** What the build leaves of a module's texts: it asks for them by their numbers. */

/** A string, the number of a value, or an element: its number, and what is in it. */
type Part = string | number | readonly [number, ...Part[]];
export type Text = string | readonly Part[];

/** By the names that the generated code calls: a text with its values, its parts, and what is in an element. */
export interface Texts {
  (at: number, values?: readonly unknown[]): string;
  c: (at: number) => readonly Part[];
  x: (element: readonly Part[], values?: readonly unknown[]) => string;
}

function join(parts: readonly Part[], values: readonly unknown[], start: number): string {
  let text = '';
  for (const part of parts.slice(start)) {
    text += typeof part === 'number' ? String(values[part] ?? '') : typeof part === 'string' ? part : '';
  }
  return text;
}

/**
 * The texts of one module: those of the page's language where it has them, else the English ones. `group` holds the former
 * of several modules, this one at `place`, as soon as they have come.
 */
export function textsOf(
  english: readonly Text[],
  group: readonly (readonly (Text | 0)[])[],
  place: number,
): Texts {
  const parts = (at: number): readonly Part[] => {
    const text = group[place]?.[at] || (english[at] ?? '');
    return typeof text === 'string' ? [text] : text;
  };
  const say = (at: number, values: readonly unknown[] = []) => join(parts(at), values, 0);
  return Object.assign(say, {
    c: parts,
    x: (element: readonly Part[], values: readonly unknown[] = []) => join(element, values, 1),
  });
}
