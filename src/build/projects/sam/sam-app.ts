import type { ConfigSource } from '../../config-source.ts';
import type { Place } from '../../problem.ts';
import { type KeyPath, sayPath } from '../../schema-mismatch.ts';
import type { AppDraft } from '../app-draft.ts';
import type { TemplateResource } from '../aws/aws-resource.ts';
import { type Template, Unresolvable } from '../aws/template.ts';
import { isMapping } from '../section.ts';

export type Mapping = Readonly<Record<string, unknown>>;

/** A SAM template on its way into a draft. */
export interface SamApp {
  /** Absolute. */
  readonly dir: string;
  /** The template, relative to `dir`. */
  readonly file: string;
  readonly draft: AppDraft;
  readonly source: ConfigSource;
  readonly template: Template;
  readonly resources: Readonly<Record<string, TemplateResource>>;
  /** `Globals`, by the type that it is for: `Function`, `Api`, `HttpApi`. */
  readonly globals: Readonly<Record<string, Mapping>>;
}

/** A function of the template, with what `Globals` says merged in; nothing evaluated. */
export interface SamFunction {
  readonly app: SamApp;
  readonly logicalId: string;
  /** As it is called here. */
  readonly name: string;
  readonly properties: Mapping;
  readonly metadata: Mapping;
}

/** Where a property stands: with the function, else in `Globals`. */
export function pathOf({ app, logicalId }: SamFunction, ...keys: (string | number)[]): KeyPath {
  const [first = ''] = keys;
  const own = app.resources[logicalId]?.Properties ?? {};
  const isGlobal =
    first !== '' && !Object.hasOwn(own, first) && Object.hasOwn(app.globals.Function ?? {}, first);
  return isGlobal ? ['Globals', 'Function', ...keys] : ['Resources', logicalId, 'Properties', ...keys];
}

export function placeAt(app: SamApp, path: KeyPath, at: 'key' | 'value' = 'key'): Place {
  return app.source.placeOf(path, at);
}

/**
 * A value with CloudFormation's functions evaluated; undefined: nothing is written, or only AWS knows it, which is told.
 * @param means what it means that the value is not known
 */
export function valueAt(
  app: SamApp,
  value: unknown,
  path: KeyPath,
  owner: string | null,
  means: string,
): unknown {
  try {
    return app.template.evaluate(value);
  } catch (thrown) {
    if (!(thrown instanceof Unresolvable)) throw thrown;
    const own = owner === null ? {} : { function: owner };
    app.draft.ignored({
      place: placeAt(app, path, 'value'),
      what: sayPath(path),
      means: `${means}: ${thrown.message}`,
      ...own,
    });
    return undefined;
  }
}

/** A property of a function, evaluated. */
export function propertyOf(fn: SamFunction, key: string): unknown {
  const { app, name, properties } = fn;
  return properties[key] === undefined
    ? undefined
    : valueAt(app, properties[key], pathOf(fn, key), name, 'it is left out');
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

export function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

export function mappingOf(value: unknown): Mapping {
  return isMapping(value) ? value : {};
}

/** What holds for all, and what one says itself: mappings are merged, lists joined, anything else replaced. */
export function mergeGlobals(all: unknown, own: unknown): unknown {
  if (own === undefined) return all;
  if (isMapping(all) && isMapping(own) && !isIntrinsic(all) && !isIntrinsic(own)) {
    const keys = new Set([...Object.keys(all), ...Object.keys(own)]);
    return Object.fromEntries([...keys].map((key) => [key, mergeGlobals(all[key], own[key])]));
  }
  return Array.isArray(all) && Array.isArray(own) ? [...all, ...own] : own;
}

function isIntrinsic(value: Mapping): boolean {
  const keys = Object.keys(value);
  return keys.length === 1 && /^(Ref$|Fn::)/.test(keys[0] ?? '');
}
