import type { Language } from '../../../contract/runtimes.ts';

/** Where a handler is: a file of the code and an export in it. */
export interface HandlerLocation {
  readonly file: string;
  readonly export: string;
}

const SUFFIXES: Readonly<Record<Language, readonly string[]>> = {
  javascript: ['.js', '.mjs', '.cjs', '.ts', '.mts', '.cts'],
  python: ['.py', '/__init__.py'],
};
/** What a runtime of the author's own begins with. */
const BOOTSTRAP = 'bootstrap';

/**
 * Finds what `Handler` says (`src/index.handler`, `pkg.module.main`) as AWS's runtimes do: the part after the last dot of
 * the file's name (for JavaScript the first one) is the export. Null: no file of the code is meant.
 */
export function locateHandler(
  handler: string,
  language: Language | null,
  has: (path: string) => boolean,
): HandlerLocation | null {
  if (language === null) return has(BOOTSTRAP) ? { file: BOOTSTRAP, export: handler || 'handler' } : null;
  const slash = handler.lastIndexOf('/') + 1;
  const dot = language === 'javascript' ? handler.indexOf('.', slash) : handler.lastIndexOf('.');
  if (dot <= slash || dot === handler.length - 1) return null;
  const module = handler.slice(0, dot).replace(/^\.\//, '');
  const path = language === 'python' ? module.replaceAll('.', '/') : module;
  const suffix = SUFFIXES[language].find((candidate) => has(`${path}${candidate}`));
  return suffix === undefined ? null : { file: `${path}${suffix}`, export: handler.slice(dot + 1) };
}
