import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { slug } from '../kit/slug.ts';
import { type Problem, problemAt } from './problem.ts';
import { SOURCE_SUFFIXES } from './source-suffixes.ts';

export interface Discovery {
  /** Function name → file relative to the app's folder, in the order of names. */
  readonly files: ReadonlyMap<string, string>;
  readonly problems: readonly Problem[];
}

/**
 * The functions that need no configuration: `functions/NAME.ts` (and its siblings in JavaScript and Python) and
 * `functions/NAME/index.ts` (in Python also `main.py`), or a program `functions/NAME/bootstrap`. Left out: names that begin with `.` or `_` (shared code), declarations, tests.
 */
export async function discoverFunctions(dir: string): Promise<Discovery> {
  const files = new Map<string, string>();
  const problems: Problem[] = [];
  for (const [name, file] of await candidates(dir)) {
    const place = { file, line: null, column: null };
    const rival = files.get(name);
    const proper = slug(name);
    if (rival !== undefined) {
      problems.push(problemAt(place, `"${name}" is also ${rival}`, 'rename or remove one of the two'));
    } else if (proper !== name) {
      const message = `"${name}" is no name for a function: lower-case letters, digits and inner hyphens, at most 63`;
      problems.push(problemAt(place, message, proper === '' ? null : `rename it to "${proper}"`));
    } else {
      files.set(name, file);
    }
  }
  return { files, problems };
}

async function candidates(dir: string): Promise<[name: string, file: string][]> {
  const found: [string, string][] = [];
  const entries = await readFolder(join(dir, 'functions'));
  for (const entry of entries) {
    if (/^[._]/.test(entry.name) || entry.name === 'node_modules') continue;
    if (entry.isDirectory()) {
      const inside = await readFolder(join(dir, 'functions', entry.name));
      const index = inside.find((file) => sourceName(file.name) === 'index');
      const other = ['main.py', 'bootstrap'];
      const main = index ?? inside.find((file) => other.includes(file.name) && file.isFile());
      if (main !== undefined) found.push([entry.name, `functions/${entry.name}/${main.name}`]);
    } else {
      const name = sourceName(entry.name);
      if (name !== null) found.push([name, `functions/${entry.name}`]);
    }
  }
  return found.sort(([, left], [, right]) => (left < right ? -1 : 1));
}

/** `hello.ts` → `hello`; `null` for what is no function's source. */
function sourceName(fileName: string): string | null {
  if (fileName.endsWith('.py')) return pythonName(fileName.slice(0, -'.py'.length));
  const suffix = SOURCE_SUFFIXES.find((candidate) => fileName.endsWith(candidate));
  if (suffix === undefined) return null;
  const name = fileName.slice(0, -suffix.length);
  return /\.(d|test|spec)$/.test(name) ? null : name;
}

/** Modules that are imported have no hyphens in their names, functions no underscores. */
function pythonName(module: string): string | null {
  return /^(test_.*|.*_test|conftest)$/.test(module) ? null : module.replaceAll('_', '-');
}

async function readFolder(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return [];
    throw error;
  }
}
