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

it('fits values to their parameter', () => {
  expect(fit(number('beta', 1), 1_000)).toBe(100);
  expect(fit({ ...number('n', 1), kind: 'integer' }, 3.7)).toBe(4);
  expect(fit(number('beta', 1), '3')).toBeUndefined();
  expect(fit(hidden, [10, 5_000, 3, 4, 5])).toEqual([10, 1024, 3, 4]);
  expect(fit(hidden, [])).toBeUndefined();
});
