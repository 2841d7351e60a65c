/** Bounds of log p(x) on both sides, and the exact value between them. */

import { signed } from '../../components/format';
import type { StreamOptions } from '../../engine/protocol';
import type { Bench, Check, Finding } from './check';

const KEY = 'bounds';
const K = 20;
/** Standard errors by which a bound that is estimated may lie on the wrong side. */
const STANDARD_ERRORS = 3;

/** An estimate in nats: `error` is its standard error, or how far an exact value may be off. */
export interface Estimated {
  name: string;
  value: number;
  error: number;
  exact?: boolean;
}

interface Stream {
  name: string;
  options: Omit<StreamOptions, 'seed'>;
  /** How far it goes in one call, and how often. */
  draws: number;
  calls: number;
}

const BELOW: readonly Stream[] = [
  { name: 'ELBO, L₁', options: { estimator: 'iwae', k: 1 }, draws: 200, calls: 20 },
  { name: `IWAE bound, L₂₀`, options: { estimator: 'iwae', k: K }, draws: 20, calls: 20 },
];
const ABOVE: Stream = {
  name: 'AIS from above',
  options: { estimator: 'reverse-annealed', temperatures: 300, leapfrogs: 4 },
  draws: 10,
  calls: 120,
};

/** Whether the lower one is not above the upper one, as far as their errors allow to say. */
export function inOrder(lower: Estimated, upper: Estimated): boolean {
  const slack = (one: Estimated): number => (one.exact ? 0 : one.error);
  const off = (one: Estimated): number => (one.exact ? one.error : 0);
  const allowed = STANDARD_ERRORS * Math.hypot(slack(lower), slack(upper)) + off(lower) + off(upper);
  return lower.value <= upper.value + allowed;
}

export function judge(rising: readonly Estimated[], of: string): Finding {
  const passed = rising.slice(1).every((upper, at) => {
    const lower = rising[at];
    return lower !== undefined && inOrder(lower, upper);
  });
  const figures = rising.map(({ name, value, error, exact }) => ({
    name,
    value: exact
      ? `${signed(value, 3)} nats, off by less than ${signed(error, 4)}`
      : `${signed(value, 3)} nats, standard error ${signed(error, 3)}`,
  }));
  return { passed, figures: [{ name: 'The image', value: of }, ...figures] };
}

async function estimated(
  { ask, seed }: Bench,
  model: string,
  pixels: Float32Array,
  stream: Stream,
  oncall: () => void,
): Promise<Estimated> {
  let { estimate } = await ask('startStream', KEY, model, pixels, { ...stream.options, seed });
  for (let call = 0; call < stream.calls; call += 1) {
    ({ estimate } = await ask('advanceStream', KEY, stream.draws));
    oncall();
  }
  await ask('releaseStream', KEY);
  if (!estimate) throw new Error(`${stream.name} gave no estimate.`);
  return { name: stream.name, value: estimate.logLikelihood, error: estimate.standardError };
}

export const bounds: Check = {
  id: 'bounds',
  title: 'Every bound lies on its own side of log p(x)',
  compares:
    'Four numbers for one image and the shipped model with two latents, each computed in its own way. The ELBO must be the lowest. The IWAE bound with 20 draws must lie between it and the exact log p(x). Annealed importance sampling (AIS) from above must not lie below log p(x).',
  tolerance: 'in this order, give or take 3 standard errors of the estimates',
  async run(bench) {
    const model = await bench.model();
    const { pixels, name } = await bench.subject();
    let done = 0;
    const all = [...BELOW, ABOVE].reduce((sum, { calls }) => sum + calls, 0);
    const oncall = (): void => {
      done += 1;
      bench.progress(done / all);
    };
    const rising = [];
    for (const stream of BELOW) rising.push(await estimated(bench, model, pixels, stream, oncall));
    const { logLikelihood, tolerance } = await bench.ask('posterior', model, pixels);
    rising.push({ name: 'Exact log p(x)', value: logLikelihood, error: tolerance, exact: true });
    rising.push(await estimated(bench, model, pixels, ABOVE, oncall));
    return judge(rising, name);
  },
};
