import { AppFileSchema } from '../../src/build/config-schema.ts';
import { SETTINGS } from '../../src/config.ts';
import { DEFAULT_SCHEDULER_LIMITS } from '../../src/dataplane/scheduler/limits.ts';

/** Defaults that a node computes from its machine; a document must not depend on where it was generated. */
const BY_MACHINE: Readonly<Record<string, string>> = {
  instanceMemoryMbMax: '80 % of the memory',
  prewarmMax: '4 a core',
};

export function renderNodeSettings(): string {
  const rows = SETTINGS.map(
    ({ key, flag, variable, default: value, help }) =>
      `| \`${flag}\` | \`${variable}\` | \`${key}\` | ${BY_MACHINE[key] ?? value} | ${help} |`,
  );
  return ['| flag | variable | key | default | what |', '|---|---|---|---|---|', ...rows].join('\n');
}

export function renderSchedulerLimits(): string {
  const rows = Object.entries(DEFAULT_SCHEDULER_LIMITS).map(([key, value]) => `| \`${key}\` | ${value} |`);
  return ['| limit | default |', '|---|---|', ...rows].join('\n');
}

interface Described {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Described>>;
  readonly anyOf?: readonly Described[];
}

/** The settings that an app may give for all its functions, from the schema that validates them. */
export function renderFunctionSettings(): string {
  const { properties } = AppFileSchema as unknown as { properties: Readonly<Record<string, Described>> };
  const rows = Object.entries(properties).flatMap(([key, schema]) => rowsOf(key, schema));
  return ['| key | what |', '|---|---|', ...rows].join('\n');
}

function rowsOf(key: string, schema: Described): string[] {
  const inner = [schema, ...(schema.anyOf ?? [])].flatMap(({ properties }) =>
    Object.entries(properties ?? {}),
  );
  const own = schema.description === undefined ? [] : [`| \`${key}\` | ${schema.description} |`];
  return [...own, ...inner.flatMap(([name, value]) => rowsOf(`${key}.${name}`, value))];
}
