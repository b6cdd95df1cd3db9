import { isMapping, type Section } from '../section.ts';

/** Names of types, which stand in place of a value: such a parameter has none until a caller gives it. */
const TYPES: Readonly<Record<string, unknown>> = {
  string: '',
  integer: 0,
  float: 0,
  boolean: false,
  json: {},
};

/** `inputs`: values, or mappings with `value`, `default` and `type`. */
export function readParameters(
  inputs: Section,
  fill: (text: string) => string,
): Readonly<Record<string, unknown>> {
  const parameters: Record<string, unknown> = {};
  for (const key of inputs.keys) {
    const value = inputs.value(key);
    const isDescribed =
      isMapping(value) &&
      ['type', 'value', 'default', 'description', 'required'].some((name) => name in value);
    const plain = isDescribed ? (value.value ?? value.default) : value;
    if (plain === undefined || plain === null) continue;
    if (!isDescribed && typeof plain === 'string' && Object.hasOwn(TYPES, plain)) continue;
    parameters[key] = filled(plain, fill);
  }
  return parameters;
}

function filled(value: unknown, fill: (text: string) => string): unknown {
  if (typeof value === 'string') return fill(value);
  if (Array.isArray(value)) return value.map((each: unknown) => filled(each, fill));
  if (!isMapping(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, filled(each, fill)]));
}
