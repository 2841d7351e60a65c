/** Everything that defines a training run, as flat named values that a link can carry. */

import { chosen } from '../../components/format';
import type {
  ModelFamily,
  ModelSpec,
  ParameterSpec,
  ParameterValue,
  TrainOptions,
} from '../../engine/protocol';
import { missing, remedy } from './acting';

/** The model family's id. */
export const MODEL = 'model';
export const DATA = 'data';
export const START = 'start';

export type DataKind = 'strokes' | 'mnist' | 'files';
/** Weights to start from: drawn afresh, or a shipped model's. */
export type StartKind = 'fresh' | 'strokes-2d';

/** Stroke digits in the set; 0 for new ones without end. */
export const IMAGES = 'images';
/** Size of a fixed set unless the visitor says another. */
export const FIXED_IMAGES = 10_000;

/** How many digits a fixed set has: its control. */
export const FIXED_SPEC: ParameterSpec = {
  name: IMAGES,
  label: 'Digits in the set',
  description:
    'How many digits are drawn from strokes, ten classes mixed. A model that sees the same ones again and again learns them by heart: the fewer, the sooner.',
  unit: 'images',
  kind: 'integer',
  min: 100,
  max: 60_000,
  logarithmic: true,
  default: FIXED_IMAGES,
};

export const SEED_SPEC: ParameterSpec = {
  name: 'dataSeed',
  label: 'Data seed',
  description: 'Fixes which stroke digits are drawn. The held-out ones come from another seed.',
  kind: 'integer',
  min: 0,
  max: 4_294_967_295,
  default: 1,
};

/** What the built-in digits take. */
export const DATA_SPECS: readonly ParameterSpec[] = [{ ...FIXED_SPEC, min: 0, default: 0 }, SEED_SPEC];

export const OWN_SPEC: ParameterSpec = {
  name: 'ownRepeats',
  label: 'Each counts as',
  description:
    'How often each of your drawings stands among the training images. Shown once each, a few among thousands would change almost nothing.',
  unit: 'images',
  kind: 'integer',
  min: 1,
  max: 1_000,
  logarithmic: true,
  default: 20,
};

const CHOICES: readonly ParameterSpec[] = [
  {
    name: DATA,
    label: 'Data',
    description: 'What is trained on.',
    kind: 'choice',
    options: ['strokes', 'mnist', 'files'],
    default: 'strokes',
  },
  {
    name: START,
    label: 'Start from',
    description: 'The weights before the first step.',
    kind: 'choice',
    options: ['fresh', 'strokes-2d'],
    default: 'fresh',
  },
];

const OWN_SPECS = [...CHOICES, ...DATA_SPECS, OWN_SPEC];

export class TrainingSettings {
  families = $state.raw<readonly ModelFamily[]>([]);
  trainSpecs = $state.raw<readonly ParameterSpec[]>([]);
  /** Only what differs from the defaults. */
  #changed = $state.raw<TrainOptions>({});

  readonly family = $derived(this.families.find(({ id }) => id === this.#changed[MODEL]) ?? this.families[0]);
  readonly modelSpecs = $derived(this.family?.parameters ?? []);
  /** Which family: an option like any other, for those that depend on it. */
  readonly #familySpec: ParameterSpec = $derived({
    name: MODEL,
    label: 'Family',
    description: 'What kind of model is trained.',
    kind: 'choice',
    options: this.families.map(({ id }) => id),
    texts: this.families.map(({ label, description }) => ({ label, description })),
    default: this.families[0]?.id ?? '',
  });
  /** Every value by name, defaults filled in. */
  readonly values: TrainOptions = $derived(this.#filled(this.#specs(), this.#changed));
  /** The model's own options that act with the others chosen. */
  readonly actingModelSpecs = $derived(this.modelSpecs.filter((spec) => this.#acts(spec)));
  /** Those of its training. */
  readonly actingTrainSpecs = $derived(this.trainSpecs.filter((spec) => this.#acts(spec)));

  describe(families: readonly ModelFamily[], trainSpecs: readonly ParameterSpec[]): void {
    this.families = families;
    this.trainSpecs = trainSpecs;
  }

  get data(): DataKind {
    return this.values[DATA] as DataKind;
  }

  /** Whether stroke digits come without end; a family that is fitted to all images at once has a fixed set. */
  get isEndless(): boolean {
    return this.number(IMAGES) === 0 && this.family?.capabilities.fitted !== true;
  }

  get start(): StartKind {
    return this.values[START] as StartKind;
  }

  get seed(): number {
    return this.number('seed');
  }

  number(name: string): number {
    return Number(this.values[name] ?? 0);
  }

  /** The model to build. */
  get spec(): ModelSpec {
    const spec: ModelSpec = { model: this.family?.id ?? '' };
    for (const { name, default: fallback } of this.actingModelSpecs) {
      spec[name] = this.values[name] ?? fallback;
    }
    return spec;
  }

  /** The trainer's options, those that act. */
  get options(): TrainOptions {
    return Object.fromEntries(
      this.actingTrainSpecs.map(({ name, default: fallback }) => [name, this.values[name] ?? fallback]),
    );
  }

  /** Whether a setting says what the model is, not how it is trained. */
  isOfModel(name: string): boolean {
    return name === MODEL || this.modelSpecs.some((spec) => spec.name === name);
  }

  /** What differs from the defaults: enough to set all of it again, and short in a link. */
  get changed(): TrainOptions {
    return this.#changed;
  }

  set(name: string, value: ParameterValue): void {
    this.replace({ ...this.#changed, [name]: value });
  }

  /**
   * Takes settings from anywhere, a link included. What is unknown or impossible falls back to what is possible, and what
   * does nothing with the rest to its default; each such change is a clause of the answer.
   */
  replace(values: Readonly<Record<string, unknown>>): string[] {
    let changed: TrainOptions = {};
    const problems: string[] = [];
    const known = this.families.find(({ id }) => id === values[MODEL]);
    const family = known ?? this.families[0];
    if (values[MODEL] !== undefined && !known) {
      problems.push(`there is no family of models “${String(values[MODEL])}”`);
    }
    if (family && family !== this.families[0]) changed[MODEL] = family.id;
    const specs = this.#specs(family);
    for (const name of Object.keys(values)) {
      if (name === MODEL || specs.some((spec) => spec.name === name)) continue;
      problems.push(`${family?.label ?? 'training'} has no setting “${name}”`);
    }
    for (const spec of specs) {
      const given = values[spec.name];
      const value = fit(spec.name === IMAGES && given !== 0 ? FIXED_SPEC : spec, given);
      if (given !== undefined && JSON.stringify(value) !== JSON.stringify(given)) {
        const used = value ?? spec.default;
        problems.push(`“${spec.label}” cannot be ${shown(given)} and is ${shown(used)}`);
      }
      if (value !== undefined && JSON.stringify(value) !== JSON.stringify(spec.default)) {
        changed[spec.name] = value;
      }
    }
    // One that goes may take others along, which depend on it.
    for (let idle = this.#idle(specs, changed); idle; idle = this.#idle(specs, changed)) {
      problems.push(idle.problem);
      changed = Object.fromEntries(Object.entries(changed).filter(([name]) => name !== idle?.name));
    }
    if (JSON.stringify(changed) !== JSON.stringify(this.#changed)) this.#changed = changed;
    return problems;
  }

  /** The first setting that does nothing with the others. */
  #idle(
    specs: readonly ParameterSpec[],
    changed: TrainOptions,
  ): { name: string; problem: string } | undefined {
    const values = this.#filled(specs, changed);
    for (const spec of specs) {
      const lack = spec.name in changed ? missing(spec, values) : undefined;
      if (!lack) continue;
      const where = remedy(lack, [this.#familySpec, ...specs]);
      const problem = `“${spec.label}” does nothing here and is left out: it acts where ${where}`;
      return { name: spec.name, problem };
    }
    return undefined;
  }

  #acts(spec: ParameterSpec): boolean {
    return missing(spec, this.values) === undefined;
  }

  #filled(specs: readonly ParameterSpec[], changed: TrainOptions): TrainOptions {
    const values: TrainOptions = this.families[0] ? { [MODEL]: changed[MODEL] ?? this.families[0].id } : {};
    for (const spec of specs) values[spec.name] = changed[spec.name] ?? spec.default;
    return values;
  }

  #specs(family = this.family): ParameterSpec[] {
    return [...OWN_SPECS, ...(family?.parameters ?? []), ...this.trainSpecs];
  }
}

function shown(value: unknown): string {
  return chosen(value) || 'empty';
}

/** A value that the parameter allows: numbers are brought into range, what has the wrong kind is undefined. */
export function fit(spec: ParameterSpec, value: unknown): ParameterValue | undefined {
  const { kind, min = -Infinity, max = Infinity } = spec;
  const whole = kind !== 'number';
  const inRange = (number: unknown): number | undefined =>
    typeof number === 'number' && Number.isFinite(number)
      ? Math.min(max, Math.max(min, whole ? Math.round(number) : number))
      : undefined;
  switch (kind) {
    case 'integer':
    case 'number':
      return inRange(value);
    case 'choice':
      return typeof value === 'string' && spec.options?.includes(value) ? value : undefined;
    case 'integerList': {
      if (!Array.isArray(value) || value.length < (spec.minLength ?? 0)) return undefined;
      const list = value.slice(0, spec.maxLength).map(inRange);
      return list.every((number) => number !== undefined) ? list : undefined;
    }
  }
}
