/**
 * The Gaussian with the least KL(q‖p) to the exact posterior p of two latents: by climbs, since there is an end on every hill
 * of the posterior.
 */

import { latticeOf, reverse, type Landscape, type Measured } from './divergence';
import { covarianceOf, determinant, heldOf, inverse, type HeldGaussian, type Symmetric } from './gaussian';

/**
 * One damped step towards the Gaussian with the least KL(q‖p): mean and precision move towards what the mean gradient and
 * the mean curvature of log p(x, z) under q ask for (Opper & Archambeau 2009), both by Stein's identities from the lattice's
 * values alone. None where q's surroundings have no hill to climb.
 */
export function climbed(q: HeldGaussian, logJoint: Float64Array, damping: number): HeldGaussian | undefined {
  const { z, weights } = latticeOf(q);
  const precision = inverse(covarianceOf(q));
  const mean = weights.reduce((sum, weight, place) => sum + weight * (logJoint[place] ?? 0), 0);
  const first = [0, 0] as [number, number];
  const second = [0, 0, 0] as [number, number, number];
  weights.forEach((weight, place) => {
    const height = weight * ((logJoint[place] ?? 0) - mean);
    const [x, y] = [(z[2 * place] ?? 0) - q.mean[0], (z[2 * place + 1] ?? 0) - q.mean[1]];
    first[0] += height * x;
    first[1] += height * y;
    second[0] += height * x * x;
    second[1] += height * x * y;
    second[2] += height * y * y;
  });
  const gradient = times(precision, first);
  const curvature = sandwich(precision, second);
  const next = precision.map(
    (value, at) => (1 - damping) * value - damping * (curvature[at] ?? 0),
  ) as unknown as Symmetric;
  if (!(next[0] > 0 && determinant(next) > 0)) return undefined;
  const covariance = inverse(next);
  const move = times(covariance, gradient);
  return heldOf([q.mean[0] + damping * move[0], q.mean[1] + damping * move[1]], covariance);
}

const MOST_STEPS = 40;
const FIRST_DAMPING = 0.4;
const LEAST_DAMPING = 0.02;
/** Nats: a climb that gains less has arrived. */
const ARRIVED = 1e-3;

/** What makes KL(q‖p) least among the Gaussians near a first one; `heights` gives log p(x, z) of codes, nats. */
export async function fitFrom(
  first: HeldGaussian,
  heights: (z: Float32Array) => Promise<Float64Array>,
  logEvidence: Measured,
): Promise<{ q: HeldGaussian; value: number }> {
  let q = first;
  let logJoint = await heights(latticeOf(q).z);
  let { value } = reverse(q, logJoint, logEvidence);
  let damping = FIRST_DAMPING;
  for (let step = 0; step < MOST_STEPS && damping > LEAST_DAMPING; step += 1) {
    const next = climbed(q, logJoint, damping);
    const heightsThere = next && (await heights(latticeOf(next).z));
    const there = next && heightsThere && reverse(next, heightsThere, logEvidence).value;
    if (!next || !heightsThere || there === undefined || there > value) {
      damping /= 2;
      continue;
    }
    const gained = value - there;
    [q, logJoint, value] = [next, heightsThere, there];
    if (gained < ARRIVED) break;
  }
  return { q, value };
}

function times([xx, xy, yy]: Symmetric, [x, y]: readonly [number, number]): [number, number] {
  return [xx * x + xy * y, xy * x + yy * y];
}

/** A M A of symmetric A and M. */
function sandwich(outer: Symmetric, inner: Symmetric): Symmetric {
  const [left, right] = [times(outer, [inner[0], inner[1]]), times(outer, [inner[1], inner[2]])];
  const top = times(outer, [left[0], right[0]]);
  const bottom = times(outer, [left[1], right[1]]);
  return [top[0], top[1], bottom[1]];
}

/** Widths of the Gaussians that are tried, as shares of half the landscape's side, and places along a side. */
const TRIED_WIDTHS = [0.03, 0.07, 0.15, 0.3];
const TRIED_PLACES = 25;
/** Of a Gaussian tried, in its standard deviations. */
const TRIED_REACH = 3;

/**
 * The round Gaussians with the least KL(q‖p) among many, each on a hill of its own, the best first: where climbs to the
 * least of all begin. KL(q‖p) has an end on every hill, and the highest hill may hold hardly any of the mass.
 */
export function fitStarts(landscape: Landscape, count: number): HeldGaussian[] {
  const { centre, halfWidth } = landscape;
  const places = Array.from(
    { length: TRIED_PLACES },
    (_, at) => halfWidth * ((2 * (at + 0.5)) / TRIED_PLACES - 1),
  );
  const tried = TRIED_WIDTHS.flatMap((width) => {
    const sd = width * halfWidth;
    const all = places.flatMap((y) =>
      places.map((x): HeldGaussian => ({ mean: [centre[0] + x, centre[1] + y], sd: [sd, sd], angle: 0 })),
    );
    const values = all.map((q) => reverseNear(q, landscape));
    return all
      .map((q, at) => ({ q, value: values[at] ?? Infinity, at }))
      .filter(({ value, at }) => Number.isFinite(value) && isLeast(values, at));
  });
  tried.sort((a, b) => a.value - b.value);
  const found: HeldGaussian[] = [];
  for (const { q } of tried) {
    const isNew = found.every((other) => {
      const away = Math.hypot(q.mean[0] - other.mean[0], q.mean[1] - other.mean[1]);
      return away > 2 * Math.max(q.sd[0], other.sd[0]);
    });
    if (isNew) found.push(q);
    if (found.length === count) break;
  }
  return found;
}

/** Whether no place beside this one is better. */
function isLeast(values: readonly number[], at: number): boolean {
  const [row, column] = [Math.floor(at / TRIED_PLACES), at % TRIED_PLACES];
  const isBetter = (down: number, across: number): boolean => {
    const [y, x] = [row + down, column + across];
    if (Math.min(x, y) < 0 || Math.max(x, y) >= TRIED_PLACES) return false;
    return (values[y * TRIED_PLACES + x] ?? Infinity) < (values[at] ?? Infinity);
  };
  return ![-1, 0, 1].some((down) => [-1, 0, 1].some((across) => isBetter(down, across)));
}

/** KL(q‖p) of a round q by the landscape's cells near it; infinite where it reaches beyond them. */
function reverseNear(
  { mean, sd }: HeldGaussian,
  { centre, halfWidth, side, logPosterior }: Landscape,
): number {
  const cell = (2 * halfWidth) / side;
  const reach = Math.ceil((TRIED_REACH * sd[0]) / cell);
  const [column, row] = [0, 1].map((axis) =>
    Math.floor(((mean[axis] ?? 0) - (centre[axis] ?? 0) + halfWidth) / cell),
  ) as [number, number];
  if (Math.min(column, row) < reach || Math.max(column, row) >= side - reach) return Infinity;
  let [sum, mass] = [0, 0];
  for (let down = -reach; down <= reach; down += 1) {
    for (let across = -reach; across <= reach; across += 1) {
      const weight = Math.exp(-((across ** 2 + down ** 2) * cell ** 2) / (2 * sd[0] ** 2));
      mass += weight;
      sum += weight * (logPosterior[(row + down) * side + column + across] ?? 0);
    }
  }
  return -1 - Math.log(2 * Math.PI * sd[0] ** 2) - sum / mass;
}
