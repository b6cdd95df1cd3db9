import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ConfigSource } from './config-source.ts';
import { type Place, problemAt } from './problem.ts';

/**
 * Reads the default export of `mayfly.config.ts` (or a promise of it), loaded by Node itself: no bundler, no second
 * TypeScript. A changed file is loaded again; a module that it imports is not, which is Node's own rule.
 */
export async function readModuleSource(file: string): Promise<ConfigSource> {
  const place: Place = { file: basename(file), line: null, column: null };
  const source = (value: unknown, message: string | null, at: Place = place): ConfigSource => ({
    file,
    value,
    problems: message === null ? [] : [problemAt(at, message)],
    placeOf: () => place,
  });
  const { mtimeMs, size } = await stat(file);
  const url = pathToFileURL(file);
  url.search = `v=${mtimeMs}-${size}`;
  try {
    const namespace: Readonly<Record<string, unknown>> = await import(url.href);
    if (!('default' in namespace)) return source(null, 'the file has no default export');
    return source(await namespace.default, null);
  } catch (error) {
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return source(null, `the file does not load: ${message}`, placeInStack(place, url.pathname, error));
  }
}

/** Where in the file an error came from, as its stack tells. */
function placeInStack(place: Place, pathname: string, error: unknown): Place {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const after = stack.split(pathname)[1] ?? '';
  const match = /^[^:\s]*:(\d+)(?::(\d+))?/.exec(after);
  if (match === null) return place;
  return { ...place, line: Number(match[1]), column: match[2] === undefined ? null : Number(match[2]) };
}
