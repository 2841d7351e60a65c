/** Rounded numbers of a sum that add up as they are shown. */

/** What may be left over of a sum that holds. */
const EXACT = 1e-3;

/**
 * Rounds `total` and its `parts`, which come with the signs that they have in the sum, to so many decimals. Where the sum
 * holds but the rounded one does not, the part that was rounded most is rounded to its other side. None is off by more than
 * one unit of its last place. A total that is on screen already keeps the number that it has there.
 */
export function roundedSum(
  total: number,
  parts: readonly number[],
  decimals: number,
  onScreen?: number,
): readonly number[] {
  const scale = 10 ** decimals;
  const wholes = parts.map((part) => Math.round(part * scale));
  const rounded = Math.round((onScreen ?? total) * scale);
  const sum = parts.reduce((all, part) => all + part, 0);
  if (Math.abs(sum - total) < EXACT) {
    let left = rounded - wholes.reduce((all, part) => all + part, 0);
    const moved = new Set<number>();
    while (left !== 0 && moved.size < parts.length) {
      const sign = Math.sign(left);
      const away = (at: number): number => sign * ((parts[at] ?? 0) * scale - (wholes[at] ?? 0));
      const at = parts
        .map((_, index) => index)
        .filter((index) => !moved.has(index))
        .sort((a, b) => away(b) - away(a))[0];
      if (at === undefined) break;
      wholes[at] = (wholes[at] ?? 0) + sign;
      moved.add(at);
      left -= sign;
    }
  }
  return [rounded, ...wholes].map((whole) => whole / scale);
}
