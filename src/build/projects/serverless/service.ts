import type { Place } from '../../problem.ts';
import type { KeyPath } from '../../schema-mismatch.ts';
import type { AppDraft } from '../app-draft.ts';
import type { Template } from '../aws/template.ts';
import { Unresolvable } from '../aws/template.ts';
import { isMapping } from '../section.ts';
import type { Variables } from './variables.ts';

type Mapping = Readonly<Record<string, unknown>>;

/** A Serverless Framework service, its variables resolved, on its way into a draft. */
export interface Service {
  /** Absolute. */
  readonly dir: string;
  /** The project file, relative to `dir`. */
  readonly file: string;
  readonly draft: AppDraft;
  readonly variables: Variables;
  readonly stage: string;
  readonly region: string;
  readonly provider: Mapping;
  /** By the name that the author gave; a list of mappings is one mapping. */
  readonly functions: readonly ServiceFunction[];
  readonly package: Mapping;
  readonly custom: Mapping;
  readonly plugins: readonly string[];
  /** Whether a plugin, or version 4 itself, bundles the code, so that nothing but patterns adds files. */
  readonly bundled: boolean;
  readonly template: Template;
}

export interface ServiceFunction {
  /** As written. */
  readonly written: string;
  /** As it is called here. */
  readonly name: string;
  readonly value: Mapping;
  /** Where it stands: `['functions', 'hello']`, or `['functions', 0, 'hello']`. */
  readonly path: KeyPath;
}

export function placeIn({ variables }: Service, path: KeyPath, at: 'key' | 'value' = 'key'): Place {
  return variables.placeOf(path, at);
}

/** A mapping at a key, or an empty one. */
export function mappingAt(of: unknown, key: string): Mapping {
  const value = isMapping(of) ? of[key] : undefined;
  return isMapping(value) ? value : {};
}

export function numberAt(of: Mapping, key: string): number | undefined {
  const value = of[key];
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

export function textAt(of: Mapping, key: string): string | undefined {
  const value = of[key];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

/**
 * A value of CloudFormation as text.
 * @returns null when only AWS can say it, which is told with `means`
 */
export function textOrTell(
  service: Service,
  value: unknown,
  path: KeyPath,
  owner: string | null,
  means: (why: string) => string,
): string | null {
  try {
    return service.template.text(value) ?? null;
  } catch (thrown) {
    if (!(thrown instanceof Unresolvable)) throw thrown;
    const what = path.join('.');
    const own = owner === null ? {} : { function: owner };
    service.draft.ignored({ place: placeIn(service, path), what, means: means(thrown.message), ...own });
    return null;
  }
}

/** Environment variables at a path, put into the draft. */
export function setEnvironment(service: Service, value: unknown, path: KeyPath, owner: string | null): void {
  if (!isMapping(value)) return;
  for (const [name, inner] of Object.entries(value)) {
    const here = [...path, name];
    if (inner === null || inner === undefined) continue;
    const text = textOrTell(service, inner, here, owner, (why) => `the variable is left out: ${why}`);
    if (text === null) continue;
    if (/^[A-Za-z_][A-Za-z0-9_]{0,255}$/.test(name))
      service.draft.env(owner, name, text, placeIn(service, here));
    else {
      const means = 'it is left out: names have letters, digits and "_"';
      service.draft.ignored({ place: placeIn(service, here), what: `variable "${name}"`, means });
    }
  }
}
