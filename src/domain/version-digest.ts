import { createHash } from 'node:crypto';
import type { FunctionLimits } from './function-version.ts';

/** Everything that makes one version of a function behave unlike another. */
export interface VersionContent {
  readonly artifact: string;
  readonly handler: { readonly file: string; readonly export: string };
  readonly command?: readonly string[];
  readonly runtime: string;
  readonly dialect: string;
  readonly limits: FunctionLimits;
  /**
   * Environment variables; for a secret a keyed fingerprint in place of its value, since the version is public and
   * a plain hash would let anybody try passwords against it.
   */
  readonly env: Readonly<Record<string, string>>;
}

const VERSION_HEX_DIGITS = 16;

/**
 * First 16 hex digits of the SHA-256 over the content, the same whatever order its keys were written in: a function
 * that did not change keeps its version, and its warm instances, from release to release.
 */
export function versionDigest(content: VersionContent): string {
  const canonical = JSON.stringify([
    1,
    content.artifact,
    content.handler.file,
    content.handler.export,
    content.runtime,
    content.dialect,
    sortedEntries(content.limits),
    sortedEntries(content.env),
    // Only where there is one: what has none keeps the version that it always had.
    ...(content.command === undefined ? [] : [content.command]),
  ]);
  return createHash('sha256').update(canonical).digest('hex').slice(0, VERSION_HEX_DIGITS);
}

/** `APP/ENVIRONMENT/FUNCTION@VERSION`. */
export function versionKey(app: string, environment: string, name: string, version: string): string {
  return `${app}/${environment}/${name}@${version}`;
}

function sortedEntries(of: object): [string, unknown][] {
  return Object.entries(of).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}
