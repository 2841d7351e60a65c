/** The place of a help bubble: near its word, inside the window, not over a number. */

export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

const GAP_PX = 8;
/** The distance between the places that are tried when there is no room beside the word. */
const STEP_PX = 16;

/** The place of a bubble of this size that covers none of `kept`, or as little as can be, nearest to its word. */
export function placeBubble(
  word: Box,
  { width, height }: Pick<Box, 'width' | 'height'>,
  kept: readonly Box[],
  window: Pick<Box, 'width' | 'height'>,
): { left: number; top: number } {
  const rightmost = Math.max(GAP_PX, window.width - width - GAP_PX);
  const lowest = Math.max(GAP_PX, window.height - height - GAP_PX);
  const at = (left: number, top: number): Box => ({
    left: Math.min(rightmost, Math.max(GAP_PX, left)),
    top: Math.min(lowest, Math.max(GAP_PX, top)),
    width,
    height,
  });
  const centred = word.left + word.width / 2 - width / 2;
  const above = word.top - height - GAP_PX;
  const below = word.top + word.height + GAP_PX;
  const covered = (box: Box): number =>
    kept.reduce((sum, one) => sum + overlap(box, one), 0) + 10 * overlap(box, word);
  const beside = [at(centred, above), at(centred, below)];
  const free = beside.find((box) => covered(box) === 0);
  if (free) return { left: free.left, top: free.top };
  const candidates = beside;
  for (let top = GAP_PX; top <= lowest; top += STEP_PX) {
    for (let left = GAP_PX; left <= rightmost; left += STEP_PX) candidates.push(at(left, top));
  }
  let best = candidates[0] ?? at(centred, above);
  let least = Infinity;
  for (const box of candidates) {
    // A covered pixel counts more than any distance.
    const cost = covered(box) * (window.width + window.height) + distance(box, word);
    if (cost < least) {
      least = cost;
      best = box;
    }
  }
  return { left: best.left, top: best.top };
}

/** Square pixels that two boxes share. */
function overlap(a: Box, b: Box): number {
  const width = Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left);
  const height = Math.min(a.top + a.height, b.top + b.height) - Math.max(a.top, b.top);
  return Math.max(0, width) * Math.max(0, height);
}

/** Pixels between two boxes. */
function distance(a: Box, b: Box): number {
  const x = Math.max(0, a.left - b.left - b.width, b.left - a.left - a.width);
  const y = Math.max(0, a.top - b.top - b.height, b.top - a.top - a.height);
  return Math.hypot(x, y);
}
