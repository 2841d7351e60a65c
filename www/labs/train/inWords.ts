/** What the crate says of models and options, in the language of the page. */

import type { ModelFamily, ParameterSpec } from '../../engine/protocol';
import { translated } from '../../locales/crate';

export function specInWords(spec: ParameterSpec): ParameterSpec {
  const { label, description, unit, texts } = spec;
  return {
    ...spec,
    label: translated(label),
    description: translated(description),
    ...(unit === undefined ? {} : { unit: translated(unit) }),
    ...(texts && {
      texts: texts.map((text) => ({
        label: translated(text.label),
        description: translated(text.description),
      })),
    }),
  };
}

export function familyInWords(family: ModelFamily): ModelFamily {
  return {
    ...family,
    label: translated(family.label),
    description: translated(family.description),
    parameters: family.parameters.map(specInWords),
  };
}
