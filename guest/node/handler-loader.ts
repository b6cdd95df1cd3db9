import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { SpecialiseMessage } from '../../src/contract/guest-messages.ts';
import { HandlerUnusable, type SiblingExports } from './dialect.ts';
import { importModule } from './import-module.ts';

/** Tried, in this order, when a handler's file is named without its extension. */
const EXTENSIONS = ['.js', '.mjs', '.cjs', '.ts', '.mts', '.cts'] as const;

/** A loaded module: the handler's export (undefined when there is none), and how to look at its others. */
export interface LoadedHandler {
  readonly exported: unknown;
  readonly sibling: SiblingExports;
}

/**
 * Loads the handler's file.
 * @throws HandlerUnusable when there is no such file; whatever the code itself throws
 */
export async function loadHandler(message: SpecialiseMessage): Promise<LoadedHandler> {
  const { codeDir, handler } = message;
  const loaded = await loadModule(resolveFile(codeDir, handler.file));
  const sibling = (name: string): unknown => pickExport(loaded, name);
  return { exported: sibling(handler.export), sibling };
}

function resolveFile(codeDir: string, file: string): string {
  const exact = join(codeDir, file);
  if (isFile(exact)) return exact;
  for (const extension of EXTENSIONS) {
    if (isFile(exact + extension)) return exact + extension;
  }
  throw new HandlerUnusable(`The handler's file "${file}" is not there.`);
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** `require` takes ES modules too, in half the time of `import()`; only a top-level await needs the latter. */
async function loadModule(path: string): Promise<unknown> {
  try {
    return createRequire(path)(path);
  } catch (thrown) {
    if ((thrown as { code?: unknown } | null)?.code !== 'ERR_REQUIRE_ASYNC_MODULE')
      throw withPlace(thrown, path);
  }
  return await importModule(pathToFileURL(path).href);
}

/** V8 keeps the place of a syntax error in an ES module to itself: say at least which file was loaded. */
function withPlace(thrown: unknown, path: string): unknown {
  if (thrown instanceof SyntaxError && !thrown.stack?.includes(path)) {
    thrown.stack = `${thrown.stack}\n    at ${path}`;
  }
  return thrown;
}

/**
 * Follows `a.b.c` into a module. `default` of a CommonJS module without such an export is the module itself; a
 * named export may also stand on the default one (`export default { handler }`).
 */
export function pickExport(loaded: unknown, path: string): unknown {
  const names = path.split('.');
  const direct = follow(loaded, names);
  if (direct !== undefined) return unwrapDefault(direct, path);
  if (path === 'default') return loaded;
  return follow(follow(loaded, ['default']), names);
}

function follow(start: unknown, names: readonly string[]): unknown {
  let value = start;
  for (const name of names) {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

/** CommonJS that was compiled from an ES module has its default export one level deeper when it is imported. */
function unwrapDefault(value: unknown, path: string): unknown {
  if (path !== 'default' || typeof value !== 'object' || value === null) return value;
  const { __esModule: compiled, default: inner } = value as { __esModule?: unknown; default?: unknown };
  return compiled === true && inner !== undefined ? inner : value;
}
