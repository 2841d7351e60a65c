import { describe, expect, it } from 'vitest';

import type { ModelFamily, ParameterSpec } from '../../engine/protocol';
import { fit, TrainingSettings } from './trainingSettings.svelte';
import { fromHash, toHash } from '../../state/url';

const number = (name: string, value: number, min = 0, max = 100): ParameterSpec => ({
  name,
  label: name,
  description: '',
  kind: 'number',
  min,
  max,
  default: value,
});

const hidden: ParameterSpec = {
  name: 'hidden',
  label: 'Hidden',
  description: '',
  kind: 'integerList',
  min: 1,
  max: 1024,
  minLength: 1,
  maxLength: 4,
  default: [128],
};

function family(id: string, parameters: ParameterSpec[]): ModelFamily {
  const capabilities = {
    sample: true,
    conditional: false,
    likelihood: true,
    exact: false,
    classifies: false,
    fitted: false,
  };
  return { id, label: id, reference: '', description: '', capabilities, parameters };
}

function settings(): TrainingSettings {
  const made = new TrainingSettings();
  made.describe(
    [
      family('vae', [{ ...number('latents', 2, 1, 128), kind: 'integer' }, hidden]),
      family('other', [{ ...number('components', 10, 1, 50), kind: 'integer' }]),
    ],
    [
      number('learningRate', 0.001, 1e-6, 1),
      number('beta', 1),
      { ...number('seed', 1, 0, 2 ** 53 - 1), kind: 'integer' },
      {
        name: 'binarization',
        label: 'Pixels',
        description: '',
        kind: 'choice',
        options: ['grey', 'dynamic'],
        default: 'dynamic',
      },
    ],
  );
  return made;
}

describe('training settings', () => {
  it('are the defaults of the specs, and then nothing is in the link', () => {
    const made = settings();
    expect(made.spec).toEqual({ model: 'vae', latents: 2, hidden: [128] });
    expect(made.options).toEqual({ learningRate: 0.001, beta: 1, seed: 1, binarization: 'dynamic' });
    expect(made.data).toBe('strokes');
    expect(made.changed).toEqual({});
    made.set('beta', 4);
    made.set('beta', 1);
    expect(made.changed).toEqual({});
  });

  it('come back whole from a link', () => {
    const sender = settings();
    sender.set('latents', 8);
    sender.set('hidden', [64, 32]);
    sender.set('learningRate', 0.0003);
    sender.set('binarization', 'grey');
    sender.set('images', 2_000);
    sender.set('dataSeed', 9);
    sender.set('seed', 123_456_789);
    const receiver = settings();
    receiver.replace(fromHash(toHash({ lab: 'train', training: sender.changed })).training ?? {});
    expect(receiver.values).toEqual(sender.values);
    expect(receiver.spec).toEqual(sender.spec);
    expect(receiver.options).toEqual(sender.options);
  });

  it('take nothing impossible from a stranger', () => {
    const made = settings();
    made.replace({
      latents: 4_000,
      hidden: ['many', 3],
      learningRate: NaN,
      binarization: 'purple',
      data: 'https://elsewhere.example/',
      constructor: 3,
      unheardOf: 5,
      images: 3,
    });
    expect(made.changed).toEqual({ latents: 128, images: 100 });
  });

  it('say what of a link they could not take', () => {
    const made = settings();
    expect(made.replace({ latents: 8, hidden: [64], binarization: 'grey' })).toEqual([]);
    expect(made.replace({ model: 'gan', latents: 99_999, learningRate: 1e9, hidden: [0, 32] })).toEqual([
      'there is no family of models “gan”',
      '“latents” cannot be 99999 and is 128',
      '“Hidden” cannot be 0, 32 and is 1, 32',
      '“learningRate” cannot be 1000000000 and is 1',
    ]);
    expect(made.replace({ unheardOf: 5, hidden: '~32)', binarization: 'purple' })).toEqual([
      'vae has no setting “unheardOf”',
      '“Hidden” cannot be ~32) and is 128',
      '“Pixels” cannot be purple and is dynamic',
    ]);
  });

  it('have stroke digits without end unless a link or the visitor names a number', () => {
    const made = settings();
    expect(made.isEndless).toBe(true);
    made.set('images', 400);
    expect(made.isEndless).toBe(false);
    made.replace({ images: 3 });
    expect(made.number('images')).toBe(100);
    made.set('images', 0);
    expect(made.isEndless).toBe(true);
    expect(made.changed).toEqual({});
  });

  it('keep only the parameters of the chosen family', () => {
    const made = settings();
    made.set('latents', 8);
    made.set('model', 'other');
    expect(made.spec).toEqual({ model: 'other', components: 10 });
    expect(made.changed).toEqual({ model: 'other' });
  });
});

describe('settings that do nothing with the others', () => {
  const choice = (name: string, options: string[], labels: string[]): ParameterSpec => ({
    ...number(name, 0),
    label: name.toUpperCase(),
    kind: 'choice',
    options,
    texts: labels.map((label) => ({ label, description: '' })),
    default: options[0] ?? '',
  });
  const made = (): TrainingSettings => {
    const settings = new TrainingSettings();
    settings.describe(
      [
        family('vae', [
          choice('posterior', ['diagonal', 'iaf'], ['Gaussian', 'flow']),
          { ...number('flowSteps', 2), dependsOn: [{ option: 'posterior', oneOf: ['iaf'] }] },
          { ...hidden, minLength: 0 },
          { ...number('slope', 1), dependsOn: [{ option: 'hidden', above: 0 }] },
        ]),
        family('fit', []),
      ],
      [
        {
          ...choice('objective', ['elbo', 'wae', 'tc'], ['bound', 'Wasserstein', 'correlation']),
          dependsOn: [{ option: 'model', oneOf: ['vae'] }],
        },
        { ...number('beta', 1), dependsOn: [{ option: 'objective', oneOf: ['elbo', 'tc'] }] },
        { ...number('warmupSteps', 0), dependsOn: [{ option: 'beta', above: 0 }] },
        { ...number('mmdWeight', 10), dependsOn: [{ option: 'objective', oneOf: ['wae'] }] },
        {
          ...number('minibatch', 0),
          dependsOn: [
            { option: 'objective', oneOf: ['tc'] },
            { option: 'beta', otherThan: 1 },
          ],
        },
      ],
    );
    return settings;
  };
  const names = (specs: readonly ParameterSpec[]): string[] => specs.map(({ name }) => name);

  it('are not shown, and are as soon as they act', () => {
    const settings = made();
    expect(names(settings.actingModelSpecs)).toEqual(['posterior', 'hidden', 'slope']);
    expect(names(settings.actingTrainSpecs)).toEqual(['objective', 'beta', 'warmupSteps']);
    settings.set('posterior', 'iaf');
    settings.set('hidden', []);
    expect(names(settings.actingModelSpecs)).toEqual(['posterior', 'flowSteps', 'hidden']);
    settings.set('objective', 'wae');
    expect(names(settings.actingTrainSpecs)).toContain('mmdWeight');
    expect(names(settings.actingTrainSpecs)).not.toContain('beta');
    settings.set('objective', 'tc');
    expect(names(settings.actingTrainSpecs)).not.toContain('minibatch');
    settings.set('beta', 4);
    expect(names(settings.actingTrainSpecs)).toContain('minibatch');
    settings.set('model', 'fit');
    expect(names(settings.actingTrainSpecs)).toEqual(['beta', 'warmupSteps']);
  });

  it('are neither sent nor in the address', () => {
    const settings = made();
    settings.set('beta', 4);
    settings.set('warmupSteps', 100);
    expect(settings.changed).toEqual({ beta: 4, warmupSteps: 100 });
    settings.set('objective', 'wae');
    expect(settings.changed).toEqual({ objective: 'wae', warmupSteps: 100 });
    expect(settings.options).toEqual({ objective: 'wae', warmupSteps: 100, mmdWeight: 10 });
    expect(settings.spec).toEqual({ model: 'vae', posterior: 'diagonal', hidden: [128], slope: 1 });
    settings.set('model', 'fit');
    expect(settings.changed).toEqual({ model: 'fit', warmupSteps: 100 });
  });

  it('are told of a link, with what would make them act', () => {
    const settings = made();
    expect(settings.replace({ flowSteps: 2, beta: 4, mmdWeight: 10 }), 'defaults').toEqual([]);
    expect(settings.replace({ flowSteps: 5, objective: 'wae', beta: 0, warmupSteps: 5 })).toEqual([
      '“flowSteps” does nothing here and is left out: it acts where POSTERIOR is “flow”',
      '“beta” does nothing here and is left out: it acts where OBJECTIVE is “bound” or “correlation”',
    ]);
    expect(settings.changed).toEqual({ objective: 'wae', warmupSteps: 5 });
    expect(settings.replace({ model: 'fit', objective: 'tc', beta: 4, minibatch: 3 })).toEqual([
      '“OBJECTIVE” does nothing here and is left out: it acts where Family is “vae”',
      '“minibatch” does nothing here and is left out: it acts where OBJECTIVE is “correlation”',
    ]);
    expect(settings.replace({ objective: 'tc', minibatch: 3 })).toEqual([
      '“minibatch” does nothing here and is left out: it acts where beta is not 1',
    ]);
    expect(settings.replace({ beta: 0, warmupSteps: 3, hidden: [], slope: 2 })).toEqual([
      '“slope” does nothing here and is left out: it acts where Hidden is not 0 or empty',
      '“warmupSteps” does nothing here and is left out: it acts where beta is not 0 or empty',
    ]);
  });
});

it('fits values to their parameter', () => {
  expect(fit(number('beta', 1), 1_000)).toBe(100);
  expect(fit({ ...number('n', 1), kind: 'integer' }, 3.7)).toBe(4);
  expect(fit(number('beta', 1), '3')).toBeUndefined();
  expect(fit(hidden, [10, 5_000, 3, 4, 5])).toEqual([10, 1024, 3, 4]);
  expect(fit(hidden, [])).toBeUndefined();
});
