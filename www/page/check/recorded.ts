/** This browser's numbers, against those that the command line gave on another machine. */

import { signed } from '../../components/format';
import type { Bench, Check, Finding } from './check';
import file from './recorded.json';

/** Made by scripts/recorded-figures.mjs. */
export interface Recorded {
  model: string;
  /** The first stroke digits of this seed. */
  digits: { seed: number; count: number };
  /** Of the one draw for each image that the ELBO takes. */
  seed: number;
  /** The means of q(z|x), of pixels cut at 1/2. */
  codes: number[];
  /** Means over the digits, nats, of grey pixels like the rest. */
  elbo: number;
  reconstruction: number;
  kl: number;
  /** The exact log p(x) of each digit, nats. */
  logLikelihoods: number[];
}

export const recorded: Recorded = file;

/** What is compared: those of the record's names that are figures. */
export type Figures = Pick<Recorded, 'codes' | 'elbo' | 'reconstruction' | 'kl' | 'logLikelihoods'>;

/** Of a code, whose posterior is some hundredths wide; and of all that is in nats. */
export const TOLERANCES = { code: 0.001, nats: 0.001 };

/** The largest difference between numbers at the same places; not a number where a number is missing. */
function furthest(wanted: readonly number[], found: readonly number[]): number {
  if (wanted.length !== found.length || wanted.length === 0) return NaN;
  return wanted.reduce((most, value, at) => Math.max(most, Math.abs(value - (found[at] ?? NaN))), 0);
}

export function judge(wanted: Figures, found: Figures): Finding {
  const lines = [
    { name: 'Codes', unit: '', allowed: TOLERANCES.code, away: furthest(wanted.codes, found.codes) },
    ...(['elbo', 'reconstruction', 'kl'] as const).map((part) => ({
      name: { elbo: 'ELBO', reconstruction: 'Reconstruction', kl: 'KL' }[part],
      unit: ' nats',
      allowed: TOLERANCES.nats,
      away: furthest([wanted[part]], [found[part]]),
      values: [wanted[part], found[part]] as const,
    })),
    {
      name: 'Exact log p(x)',
      unit: ' nats',
      allowed: TOLERANCES.nats,
      away: furthest(wanted.logLikelihoods, found.logLikelihoods),
    },
  ];
  return {
    passed: lines.every(({ away, allowed }) => away <= allowed),
    figures: lines.map(({ name, unit, away, ...line }) => ({
      name,
      value:
        'values' in line && line.values
          ? `${signed(line.values[0], 4)} recorded, ${signed(line.values[1], 4)} here: ${signed(away, 6)}${unit} apart`
          : `at most ${signed(away, 6)}${unit} apart`,
    })),
  };
}

async function measure({ ask, progress }: Bench, model: string): Promise<Figures> {
  const { digits, seed } = recorded;
  const images: number[] = [];
  for (let index = 0; index < digits.count; index += 1) {
    const { pixels } = await ask('strokeDigit', digits.seed, index);
    // A data set keeps 256 levels of grey.
    images.push(...pixels.map((value) => Math.round(255 * value) / 255));
  }
  const grey = new Float32Array(images);
  const binary = grey.map((value) => (value >= 0.5 ? 1 : 0));
  const { mean } = await ask('encode', model, binary);
  progress(0.2);
  const { elbo, reconstruction, kl } = await ask('elbo', model, grey, { seed, samples: 1 });
  progress(0.3);
  const logLikelihoods = await ask('logLikelihoods', model, grey, { estimator: 'quadrature' });
  return { codes: [...mean], elbo, reconstruction, kl, logLikelihoods: [...logLikelihoods] };
}

export const recordedNumbers: Check = {
  id: 'recorded',
  title: 'This browser computes what the command line computes',
  compares: `The native program has recorded its numbers for ${String(recorded.digits.count)} stroke digits and the shipped model with two latents: the codes, the ELBO and its two parts, and the exact log p(x) of each digit. This browser draws the same digits and computes the same numbers.`,
  tolerance: 'codes at most 0.001 apart, all else at most 0.001 nats',
  async run(bench) {
    return judge(recorded, await measure(bench, await bench.model()));
  },
};
