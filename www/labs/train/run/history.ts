/** A run's curves, kept short: when they grow long, neighbours are averaged and every point stands for more steps. */

/** Nats per image. */
export interface Measures {
  elbo: number;
  reconstruction: number;
  kl: number;
}

export interface Curve {
  /** Ascending. */
  step: number[];
  elbo: number[];
  reconstruction: number[];
  kl: number[];
}

export interface HistoryData {
  /** Steps that one point of `train` stands for. */
  stride: number;
  train: Curve;
  heldOut: Curve;
}

const LONGEST_CURVE = 480;

export class History {
  #stride = 1;
  #train: Curve = emptyCurve();
  #heldOut: Curve = emptyCurve();
  /** The point being filled. */
  #sums: Measures = { elbo: 0, reconstruction: 0, kl: 0 };
  #count = 0;

  /** Copies of a saved history; a damaged one is refused. */
  static from(data: HistoryData): History {
    const history = new History();
    history.#stride = Math.max(1, Math.floor(data.stride));
    history.#train = copyCurve(data.train);
    history.#heldOut = copyCurve(data.heldOut);
    return history;
  }

  addTrain(step: number, measures: Measures): void {
    this.#sums.elbo += measures.elbo;
    this.#sums.reconstruction += measures.reconstruction;
    this.#sums.kl += measures.kl;
    this.#count += 1;
    if (this.#count < this.#stride) return;
    const { elbo, reconstruction, kl } = this.#sums;
    const count = this.#count;
    push(this.#train, step, { elbo: elbo / count, reconstruction: reconstruction / count, kl: kl / count });
    this.#forgetPending();
    if (this.#train.step.length > LONGEST_CURVE) {
      this.#train = halve(this.#train);
      this.#stride *= 2;
    }
  }

  addHeldOut(step: number, measures: Measures): void {
    if (this.#heldOut.step.at(-1) === step) return;
    push(this.#heldOut, step, measures);
  }

  /** Forgets what came after a step: the run went back to it. */
  truncate(step: number): void {
    for (const curve of [this.#train, this.#heldOut]) {
      const kept = curve.step.filter((at) => at <= step).length;
      for (const values of Object.values(curve) as number[][]) values.length = kept;
    }
    this.#forgetPending();
  }

  /** A copy that does not change any more. */
  data(): HistoryData {
    return { stride: this.#stride, train: copyCurve(this.#train), heldOut: copyCurve(this.#heldOut) };
  }

  #forgetPending(): void {
    this.#sums = { elbo: 0, reconstruction: 0, kl: 0 };
    this.#count = 0;
  }
}

/** The next step after this one at which the held-out images are evaluated: ever rarer, as curves flatten. */
export function nextEvaluation(step: number): number {
  const period = step < 100 ? 10 : step < 1_000 ? 50 : 2.5 * 10 ** (Math.floor(Math.log10(step)) - 1);
  return (Math.floor(step / period) + 1) * period;
}

/** The next of 1, 2, 5, 10, 20, 50, ...: where the strip keeps a picture. */
export function nextKeepsake(step: number): number {
  for (let decade = 1; ; decade *= 10) {
    const found = [1, 2, 5].find((digit) => digit * decade > step);
    if (found !== undefined) return found * decade;
  }
}

/** Where a slice of training ends at the latest, so that a run's evaluations fall on the same steps every time. */
export function nextDue(step: number): number {
  return Math.min(nextEvaluation(step), nextKeepsake(step));
}

/** Several curves over one ascending axis; null where a curve has no point. */
export function alignCurves(curves: readonly { step: readonly number[]; values: readonly number[] }[]): {
  step: number[];
  values: (number | null)[][];
} {
  const step = [...new Set(curves.flatMap((curve) => curve.step))].sort((a, b) => a - b);
  const position = new Map(step.map((one, index) => [one, index]));
  const values = curves.map((curve) => {
    const column = new Array<number | null>(step.length).fill(null);
    curve.step.forEach((one, index) => {
      column[position.get(one) ?? 0] = curve.values[index] ?? null;
    });
    return column;
  });
  return { step, values };
}

function emptyCurve(): Curve {
  return { step: [], elbo: [], reconstruction: [], kl: [] };
}

function copyCurve({ step, elbo, reconstruction, kl }: Curve): Curve {
  return { step: [...step], elbo: [...elbo], reconstruction: [...reconstruction], kl: [...kl] };
}

function push(curve: Curve, step: number, { elbo, reconstruction, kl }: Measures): void {
  curve.step.push(step);
  curve.elbo.push(elbo);
  curve.reconstruction.push(reconstruction);
  curve.kl.push(kl);
}

/** Pairs of neighbours become one point; a last one without a partner stays. */
function halve(curve: Curve): Curve {
  const mean = (values: readonly number[]): number[] =>
    values.flatMap((value, at) => (at % 2 === 0 ? [(value + (values[at + 1] ?? value)) / 2] : []));
  return {
    step: curve.step.filter((_, at) => at % 2 === 1 || at === curve.step.length - 1),
    elbo: mean(curve.elbo),
    reconstruction: mean(curve.reconstruction),
    kl: mean(curve.kl),
  };
}
