import type { FunctionManifest, ReleaseManifest } from '../../contract/manifest.ts';
import type { ReleaseDiff } from '../../contract/release-api.ts';
import { canonicalJson } from '../../kit/canonical-json.ts';
import { type NamedChange, namedChanges } from './named-changes.ts';
import { resourceKey } from './resource-changes.ts';

/** A release as far as comparing it needs. */
export interface ComparedRelease {
  readonly release: string;
  readonly manifest: ReleaseManifest;
  /** Bytes of an artifact, by its digest; null: not known any more. */
  readonly bytesOf: (artifact: string) => number | null;
}

type FunctionPart = 'code' | 'handler' | 'runtime' | 'dialect' | 'env' | 'limits';

/** Each part of a function with what it is made of. */
const PARTS: Readonly<Record<FunctionPart, (of: FunctionManifest) => unknown>> = {
  code: ({ artifact }) => artifact,
  handler: ({ handler, command }) => (command === undefined ? handler : [handler, command]),
  runtime: ({ runtime }) => runtime,
  dialect: ({ dialect }) => dialect,
  env: ({ env }) => env,
  limits: ({ limits }) => limits,
};

/**
 * What `after` is, compared with `before`; every list sorted by name. A function is the same when everything that makes its
 * version is; its routes stand among the routes. Settings of functions that only one of them has are not listed.
 */
export function diffReleases(before: ComparedRelease, after: ComparedRelease): ReleaseDiff {
  return {
    app: after.manifest.app,
    against: before.release,
    release: after.release,
    functions: functionChanges(before, after),
    routes: textChanges(routesOf(before.manifest), routesOf(after.manifest)),
    resources: textChanges(resourcesOf(before.manifest), resourcesOf(after.manifest)),
    configuration: configurationChanges(before.manifest, after.manifest),
  };
}

function functionChanges(before: ComparedRelease, after: ComparedRelease): ReleaseDiff['functions'] {
  const changes = namedChanges(
    functionsOf(before.manifest),
    functionsOf(after.manifest),
    (a, b) => changedParts(a, b).length === 0,
  );
  return changes.map(({ name, change, before: was, after: is }) => ({
    name,
    change,
    parts: was === null || is === null ? [] : changedParts(was, is),
    bytesBefore: was === null ? null : before.bytesOf(was.artifact),
    bytesAfter: is === null ? null : after.bytesOf(is.artifact),
  }));
}

function changedParts(a: FunctionManifest, b: FunctionManifest): FunctionPart[] {
  const parts = Object.entries(PARTS) as [FunctionPart, (of: FunctionManifest) => unknown][];
  return parts.filter(([, of]) => canonicalJson(of(a)) !== canonicalJson(of(b))).map(([part]) => part);
}

function functionsOf({ functions }: ReleaseManifest): Map<string, FunctionManifest> {
  return new Map(functions.map((each) => [each.name, each]));
}

/** `GET /pets` → the function's name. */
function routesOf({ functions }: ReleaseManifest): Map<string, string> {
  return new Map(
    functions.flatMap(({ name, routes }) =>
      routes.map(({ method, pattern }): [string, string] => [`${method} ${pattern}`, name]),
    ),
  );
}

/** `queue orders` → its configuration. */
function resourcesOf({ resources = [] }: ReleaseManifest): Map<string, string> {
  return new Map(resources.map((each) => [resourceKey(each), canonicalJson(each)]));
}

function configurationChanges(before: ReleaseManifest, after: ReleaseManifest): NamedChange<string>[] {
  const others = functionsOf(before);
  const shared = new Set(after.functions.map(({ name }) => name).filter((name) => others.has(name)));
  return textChanges(settingsOf(before, shared), settingsOf(after, shared));
}

/** `hello.limits.memoryMb` → its value as JSON; without what the app leaves out. */
function settingsOf(manifest: ReleaseManifest, shared: ReadonlySet<string>): Map<string, string> {
  const settings = new Map<string, string>();
  const add = (name: string, value: unknown): void => void settings.set(name, canonicalJson(value));
  if (manifest.canary !== undefined) add('canary', manifest.canary);
  if (manifest.smoke !== undefined && manifest.smoke.length > 0) add('smoke', manifest.smoke);
  for (const each of manifest.functions) {
    if (!shared.has(each.name)) continue;
    const { name, handler, command, runtime, dialect, env, limits, routes, triggers = [] } = each;
    add(`${name}.handler`, `${handler.file}#${handler.export}`);
    if (command !== undefined) add(`${name}.command`, command);
    add(`${name}.runtime`, runtime);
    add(`${name}.dialect`, dialect);
    for (const [key, value] of Object.entries(env)) add(`${name}.env.${key}`, value);
    for (const [key, value] of Object.entries(limits)) add(`${name}.limits.${key}`, value);
    for (const { method, pattern, cors } of routes) {
      if (cors !== null) add(`${name}.cors.${method} ${pattern}`, cors);
    }
    for (const [at, trigger] of triggers.entries()) add(`${name}.triggers[${at}]`, trigger);
  }
  return settings;
}

function textChanges(before: Map<string, string>, after: Map<string, string>): NamedChange<string>[] {
  return namedChanges(before, after, (a, b) => a === b);
}
