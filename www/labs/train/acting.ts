/** Which options act with the others chosen: read from their specs, by the same rule as the engine. */

import { chosen, exactly } from '../../components/format';
import type { Dependency, ParameterSpec, ParameterValue } from '../../engine/protocol';

type Values = Readonly<Record<string, ParameterValue>>;

/** What an option lacks to act, the first of it; an option that is not there is no hindrance. */
export function missing(spec: ParameterSpec, values: Values): Dependency | undefined {
  return spec.dependsOn?.find((dependency) => !holds(dependency, values[dependency.option]));
}

function holds(dependency: Dependency, value: ParameterValue | undefined): boolean {
  if (value === undefined) return true;
  if ('oneOf' in dependency) return typeof value === 'string' && dependency.oneOf.includes(value);
  if ('above' in dependency) return (Array.isArray(value) ? value.length : Number(value)) > dependency.above;
  return value !== dependency.otherThan;
}

/** Where it would act, in the words of the controls: a clause that follows “it acts where”. */
export function remedy(dependency: Dependency, specs: readonly ParameterSpec[]): string {
  const other = specs.find(({ name }) => name === dependency.option);
  const name = other?.label ?? dependency.option;
  if ('oneOf' in dependency) {
    const names = dependency.oneOf.map((option) => `“${choiceLabel(other, option)}”`);
    return `${name} is ${names.join(' or ')}`;
  }
  if ('otherThan' in dependency) return `${name} is not ${chosen(dependency.otherThan)}`;
  return dependency.above === 0
    ? `${name} is not 0 or empty`
    : `${name} is above ${exactly(dependency.above)}`;
}

/** A choice's name for people. */
export function choiceLabel(spec: ParameterSpec | undefined, option: string): string {
  return spec?.texts?.[spec.options?.indexOf(option) ?? -1]?.label ?? option;
}
