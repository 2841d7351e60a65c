/** A Gaussian in the visitor's hand, over the exact posterior: both divergences, and the fits by each of them. */

import { motion } from '../../components/motion.svelte';
import { engine } from '../../engine/client';
import { Figure } from '../../state/figure.svelte';
import {
  cellsOf,
  forward,
  landscapeOf,
  latticeOf,
  moments,
  reverse,
  type Landscape,
  type Measured,
} from '../../components/divergence';
import { heldOf, type HeldGaussian } from '../../components/gaussian';
import { climbed } from '../../components/reverseFit';
import type { Exact, Subject } from './subject.svelte';

/** Cells along a side of the landscape: enough where there is one hill, and where there are several in a wide square. */
const CELLS = [96, 224] as const;
/** A landscape that lacks or exceeds less than this of its mass is good enough. */
const MASS_ERROR = 1e-3;
const REACH_DEVIATIONS = 6;
/** Each fit is damped, or it would leap over what it shows. */
const DAMPING = 0.3;
const LEAST_DAMPING = 0.02;
const MOST_STEPS = 60;
/** Nats: a fit that gains less has arrived. */
const ARRIVED = 1e-5;

export interface Divergences {
  subject: Subject;
  q: HeldGaussian;
  /** KL(q‖p) and KL(p‖q), nats. */
  reverse: Measured;
  forward: Measured;
}

export class OwnGaussian {
  q = $state.raw<HeldGaussian>();
  isFitting = $state(false);

  readonly #landscape = new Figure<Landscape>('abort');
  readonly #divergences = new Figure<Divergences>();
  /** Counts what takes q from a fit: another fit, a hand, another drawing. */
  #turn = 0;

  landscape(subject: Subject | undefined): Landscape | undefined {
    return subject && this.#landscape.of(subject);
  }

  /** The newest for that drawing: while q is dragged those of a moment ago. */
  divergences(subject: Subject | undefined): Divergences | undefined {
    return subject && this.#divergences.of(subject);
  }

  /** Looks at another posterior, with this q to begin with. */
  async begin(subject: Subject, q: HeldGaussian): Promise<void> {
    const { exact } = subject;
    this.#turn += 1;
    this.isFitting = false;
    if (!exact) return;
    this.q = q;
    await this.#landscape.find(subject, async (signal) => {
      const { centre, halfWidth } = squareOf(exact);
      const [few, many] = CELLS;
      const found = await survey(subject, exact, centre, halfWidth, few, signal);
      if (Math.abs(found.mass - 1) < MASS_ERROR) return found;
      return survey(subject, exact, centre, halfWidth, many, signal);
    });
    await this.#measure(subject, this.q);
  }

  /** The visitor takes q: what fits it stops. */
  hold(subject: Subject, q: HeldGaussian): void {
    this.#turn += 1;
    this.isFitting = false;
    this.q = q;
    void this.#measure(subject, q);
  }

  /** The one with the posterior's mean and covariance: no Gaussian has a smaller KL(p‖q). */
  fitForward(subject: Subject): void {
    const landscape = this.landscape(subject);
    if (landscape) this.hold(subject, moments(landscape));
  }

  /** Climbs from where q is to the nearest Gaussian whose KL(q‖p) is least; gives the q that is then held, unless another was taken meanwhile. */
  async fitReverse(subject: Subject): Promise<HeldGaussian | undefined> {
    if (!this.q) return undefined;
    this.#turn += 1;
    const turn = this.#turn;
    this.isFitting = true;
    let here = await this.#measure(subject, this.q);
    let damping = DAMPING;
    for (let step = 0; step < MOST_STEPS && here && turn === this.#turn; step += 1) {
      const logJoint = await jointOf(subject, here.q);
      const next = climbed(here.q, logJoint, damping);
      const there = next && (await this.#measure(subject, next, turn));
      if (!there || there.reverse.value > here.reverse.value) {
        damping /= 2;
        if (damping < LEAST_DAMPING) break;
        continue;
      }
      const gained = here.reverse.value - there.reverse.value;
      here = there;
      if (turn === this.#turn) this.q = here.q;
      if (gained < ARRIVED) break;
      if (!motion.reduced) await new Promise((resolve) => setTimeout(resolve, 40));
    }
    if (turn !== this.#turn) return undefined;
    if (here) this.hold(subject, here.q);
    this.isFitting = false;
    return this.q;
  }

  /** Lets go of what is under way. */
  end(): void {
    this.#turn += 1;
    this.isFitting = false;
  }

  async #measure(subject: Subject, q: HeldGaussian, turn = this.#turn): Promise<Divergences | undefined> {
    const { exact } = subject;
    if (!exact) return undefined;
    return this.#divergences.find(subject, async () => {
      const logJoint = await jointOf(subject, q);
      const landscape = this.landscape(subject);
      const { logLikelihood, tolerance } = exact.posterior;
      const found: Divergences = {
        subject,
        q,
        reverse: reverse(q, logJoint, { value: logLikelihood, tolerance }),
        forward: landscape ? forward(q, landscape) : { value: NaN, tolerance: NaN },
      };
      return turn === this.#turn ? found : (this.divergences(subject) ?? found);
    });
  }
}

/** The encoder's answer. */
export function encoderOf({ code: { mean, logVar } }: Subject): HeldGaussian {
  const variance = (axis: number): number => Math.exp(logVar[axis] ?? 0);
  return heldOf([mean[0] ?? 0, mean[1] ?? 0], [variance(0), 0, variance(1)]);
}

/** What holds the mass: some deviations round the mean, or all of the exact picture where that is less. */
function squareOf({ shape, posterior: { centre, halfWidth } }: Exact): {
  centre: readonly [number, number];
  halfWidth: number;
} {
  const reach = REACH_DEVIATIONS * Math.max(...shape.sd);
  return reach < halfWidth ? { centre: shape.mean, halfWidth: reach } : { centre, halfWidth };
}

async function survey(
  subject: Subject,
  exact: Exact,
  centre: readonly [number, number],
  halfWidth: number,
  side: number,
  signal: AbortSignal,
): Promise<Landscape> {
  const logJoint = await heights(subject, cellsOf(centre, halfWidth, side), signal);
  return landscapeOf(centre, halfWidth, side, logJoint, exact.posterior.logLikelihood);
}

function jointOf(subject: Subject, q: HeldGaussian): Promise<Float64Array> {
  return heights(subject, latticeOf(q).z);
}

/** log p(x, z) of codes n×2, nats. */
async function heights(subject: Subject, z: Float32Array, signal?: AbortSignal): Promise<Float64Array> {
  const { model, pixels, mask } = subject;
  const worker = await engine.study(model.key);
  return worker.call('logJoint', [model.key, pixels, z, mask], signal);
}
