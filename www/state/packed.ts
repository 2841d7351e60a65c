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
  return Float32Array.from(atob(text), (byte) => low + step * byte.charCodeAt(0));
}
