/** What a path is measured by, besides what the engine computes. */

/** Every pixel set to ink or paper at 1/2. */
export function binarised(probabilities: Float32Array): Float32Array {
  return probabilities.map((value) => (value >= 0.5 ? 1 : 0));
}

/** Length of a path through rows of `size` numbers: the sum of the distances between neighbours. */
export function lengthOf(rows: Float32Array, size: number): number {
  let length = 0;
  for (let at = size; at < rows.length; at += size) {
    let squares = 0;
    for (let axis = 0; axis < size; axis += 1) {
      squares += ((rows[at + axis] ?? 0) - (rows[at - size + axis] ?? 0)) ** 2;
    }
    length += Math.sqrt(squares);
  }
  return length;
}

/** A row between rows: at 2.25, a quarter of the way from the third to the fourth. */
export function rowAt(rows: Float32Array, size: number, position: number): Float32Array {
  const last = rows.length / size - 1;
  const from = Math.min(last, Math.max(0, Math.floor(position)));
  const to = Math.min(last, from + 1);
  const fraction = Math.min(1, Math.max(0, position - from));
  return Float32Array.from({ length: size }, (_, axis) => {
    const start = rows[from * size + axis] ?? 0;
    return start + fraction * ((rows[to * size + axis] ?? 0) - start);
  });
}
