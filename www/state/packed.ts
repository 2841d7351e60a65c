/** Many numbers as a short text: whole numbers of eight bits between a lowest and a highest value, in base 64. */

export interface Packed {
  low: number;
  step: number;
  text: string;
}

/** Fewer levels make a text that compresses better. */
export function pack(values: ArrayLike<number>, levels = 255): Packed {
  const all = Array.from(values);
  const low = all.reduce((least, value) => Math.min(least, value), Infinity);
  const high = all.reduce((most, value) => Math.max(most, value), -Infinity);
  const step = (high - low) / levels;
  const bytes = all.map((value) => String.fromCharCode(step > 0 ? Math.round((value - low) / step) : 0));
  return { low, step, text: btoa(bytes.join('')) };
}

export function unpack({ low, step, text }: Packed): Float32Array {
  const bytes = atob(text);
  const values = new Float32Array(bytes.length);
  // A plain loop: this runs before the first picture, when nothing has been compiled yet.
  for (let at = 0; at < values.length; at += 1) values[at] = low + step * bytes.charCodeAt(at);
  return values;
}
