// Runs with options at the ends of what may be chosen: every family, prior, posterior, likelihood and objective. Each is
// built, trained, saved, read again and asked for everything; it gives finite numbers or an error with a code, never a panic.
import { readFileSync } from 'node:fs';

import {
  Dataset,
  initSync,
  Model,
  modelFamilies,
  Trainer,
  trainParameters,
} from '../../pkg/latent_canvas.js';

/** More of these makes a run long, not extreme. */
const SIZES = { latents: 40, components: 40, batchSize: 64, samples: 8, hidden: 48 };
const STEPS = 3;

/** A stream of numbers in [0, 1) from a seed (Mulberry32). */
function uniform(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const oneOf = (list, random) => list[Math.floor(random() * list.length)];

/** One end of the parameter's range, its default, or now and then what nobody may choose. */
function extreme(parameter, random) {
  const { kind, name, options } = parameter;
  if (kind === 'choice') return random() < 0.005 ? 'no such choice' : oneOf(options, random);
  const limit = SIZES[name] ?? Infinity;
  const ends = [
    parameter.min ?? 0,
    Math.min(parameter.max ?? 1e6, limit),
    ...(kind === 'integerList' ? [] : [parameter.default]),
  ];
  if (kind === 'integerList') {
    const [shortest, longest] = [parameter.minLength ?? 0, Math.min(parameter.maxLength ?? 3, 3)];
    return Array.from({ length: oneOf([shortest, longest], random) }, () =>
      oneOf([ends[0], SIZES.hidden], random),
    );
  }
  if (random() < 0.005) return oneOf([-1, 0, 1e300, 0.5, NaN, '7', null], random);
  return oneOf(ends, random);
}

/** Each parameter with even odds, and each that makes a run long; the rest keeps its default. */
const chosen = (parameters, random) =>
  Object.fromEntries(
    parameters
      .filter(({ name }) => SIZES[name] !== undefined || random() < 0.5)
      .map((parameter) => [parameter.name, extreme(parameter, random)]),
  );

/** What the library says has no effect beside the rest is left out, until nothing is left that it would say so of. */
function withEffect(attempt, ...choices) {
  for (;;) {
    try {
      return attempt();
    } catch (error) {
      const idle = /^(\w+) does nothing while/.exec(error?.message)?.[1];
      const choice = choices.find((one) => idle !== undefined && idle in one);
      if (!choice) throw error;
      Reflect.deleteProperty(choice, idle);
    }
  }
}

/** Every number in an answer, however deep. */
function* numbersOf(answer) {
  if (typeof answer === 'number') yield answer;
  else if (ArrayBuffer.isView(answer)) yield* answer;
  else if (answer !== null && typeof answer === 'object') {
    for (const value of Object.values(answer)) yield* numbersOf(value);
  }
}

/** What a model is asked, with an image that it may never have seen. */
const questions = {
  encode: (model, image) => model.encode(image),
  elbo: (model, image) => model.elbo(image, { samples: 2, seed: 1 }),
  decode: (model, image) => model.decode(model.drawCodes(image, 2, 1)),
  sample: (model) => model.sample(2, { seed: 1 }),
  logLikelihood: (model, image) =>
    model.logLikelihood(image, { estimator: 'importance', samples: 4, seed: 1 }),
  bestGaussian: (model, image) => model.bestGaussian(image, 1),
  classify: (model, image) => model.classify(image),
};

export function extremeOptions(count) {
  initSync({ module: readFileSync(new URL('../../pkg/latent_canvas_bg.wasm', import.meta.url)) });
  const families = modelFamilies();
  const data = Dataset.strokes(200, 1);
  const image = Dataset.strokes(1, 2).images(0, 1);
  const counts = { trained: 0, refused: 0, codes: {}, wrong: [] };
  for (let run = 0; run < count; run += 1) {
    const random = uniform(run);
    const family = families[run % families.length];
    const spec = { model: family.id, ...chosen(family.parameters, random) };
    const options = chosen(trainParameters(), random);
    const told = (error, where) => {
      const code = error?.code;
      if (typeof code !== 'string' || code === 'panic') {
        counts.wrong.push({ run, where, spec, options, error: String(error) });
        return;
      }
      counts.codes[code] = (counts.codes[code] ?? 0) + 1;
    };
    const judge = (answer, where) => {
      for (const number of numbersOf(answer)) {
        if (Number.isFinite(number)) continue;
        counts.wrong.push({ run, where, spec, options, error: `the number ${number}` });
        return;
      }
    };
    let model;
    let trainer;
    try {
      model = withEffect(() => new Model(spec, run), spec);
      trainer = withEffect(() => new Trainer(model, data, options), options);
      judge(trainer.step(STEPS), 'step');
      const again = Model.load(trainer.save());
      model.free();
      model = again;
      counts.trained += 1;
    } catch (error) {
      counts.refused += 1;
      told(error, 'training');
    }
    for (const [where, ask] of Object.entries(model ? questions : {})) {
      try {
        judge(ask(model, image), where);
      } catch (error) {
        told(error, where);
      }
    }
    trainer?.free();
    model?.free();
  }
  return counts;
}
