import type { CanaryPlanManifest, ResourceManifest, SmokeTest } from '../contract/manifest.ts';
import { readCanaryPlan } from './canary-plan.ts';
import type { AppFile } from './config-schema.ts';
import type { ConfigSource } from './config-source.ts';
import { readDuration } from './limit-settings.ts';
import { type Problem, problemAt } from './problem.ts';
import type { ResourcesFile, SmokeFile } from './release-schema.ts';
import type { KeyPath } from './schema-mismatch.ts';

const smokeTimeoutDefaultMs = 10_000;
const smokeTimeoutMaxMs = 60_000;

/** What an app says about its releases as a whole. */
export interface ReleaseConfig {
  /** `null`: none is written down. */
  readonly canary: CanaryPlanManifest | null;
  /** In the order in which they are made. */
  readonly smoke: readonly SmokeTest[];
  /** Sorted by kind and name. */
  readonly resources: readonly ResourceManifest[];
}

/**
 * From a configuration that fits the schema to complete settings.
 * @param report called with every problem; the result means nothing once it was called
 */
export function resolveRelease(
  { canary, smoke, resources }: AppFile,
  source: ConfigSource,
  report: (problem: Problem) => void,
): ReleaseConfig {
  const fail = (path: KeyPath, message: string) => report(problemAt(source.placeOf(path, 'value'), message));
  return {
    canary: canary === undefined ? null : readCanaryPlan(canary, fail),
    smoke: (smoke ?? []).map((entry, index) => readSmokeTest(entry, ['smoke', index], fail)),
    resources: readResources(resources ?? {}),
  };
}

function readSmokeTest(
  entry: SmokeFile,
  path: KeyPath,
  fail: (path: KeyPath, message: string) => void,
): SmokeTest {
  const given = typeof entry === 'string' ? { request: entry } : entry;
  const [first = '', second] = given.request.split(/ +/);
  const headers = Object.entries(given.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
  const timeout = { value: given.timeout, path: [...path, 'timeout'] };
  return {
    method: second === undefined ? 'GET' : first,
    path: second ?? first,
    headers: Object.fromEntries(headers),
    body: given.body ?? null,
    status: given.status ?? 200,
    contains: given.contains ?? null,
    timeoutMs: readDuration(timeout, smokeTimeoutDefaultMs, 1, smokeTimeoutMaxMs, fail),
  };
}

function readResources(file: ResourcesFile): ResourceManifest[] {
  const resources = Object.entries(file).flatMap(([kind, byName]) =>
    Object.entries(byName).map(([name, config]) => ({ kind, name, config: config ?? {} })),
  );
  return resources.sort((a, b) => (`${a.kind} ${a.name}` < `${b.kind} ${b.name}` ? -1 : 1));
}
