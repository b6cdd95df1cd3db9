import { stat } from 'node:fs/promises';
import { isAbsolute, join, posix } from 'node:path';
import type { HandlerFault, HandlerReference } from '../handler-file.ts';

/** What may stand for a folder. */
const FOLDER_FILES = ['index.py', 'main.py', '__init__.py'] as const;

/**
 * Finds what the handler of a function in Python names: `api.py`, `api` (suffix left out), a package's folder, `api.py#list`; and as
 * vendors write it `api.list`, `shop/api.list`, `shop.api.list`, where the last name is the function.
 */
export async function findPythonHandler(dir: string, text: string): Promise<HandlerReference | HandlerFault> {
  const [written = '', exported, ...rest] = text.split('#');
  const path = posix.normalize(written.replaceAll('\\', '/'));
  if (rest.length > 0 || exported === '' || written === '') {
    return { fault: `handler "${text}" is neither "file" nor "file#name"`, suggestion: null };
  }
  if (isAbsolute(path) || path === '..' || path.startsWith('../')) {
    return { fault: `handler "${text}" is outside the app's folder`, suggestion: null };
  }
  const file = await findModule(dir, path);
  if (file !== null) return { file, export: exported ?? null };
  const dot = path.lastIndexOf('.');
  if (exported === undefined && dot > path.lastIndexOf('/') + 1) {
    const folder = posix.dirname(path);
    const module = posix.join(folder, posix.basename(path.slice(0, dot)).replaceAll('.', '/'));
    const found = await findModule(dir, module);
    if (found !== null) return { file: found, export: path.slice(dot + 1) };
  }
  const names = path.endsWith('.py') ? `"${path}"` : `"${path}" or "${path}.py"`;
  return { fault: `there is no file ${names}`, suggestion: null };
}

async function findModule(dir: string, path: string): Promise<string | null> {
  const inFolder = FOLDER_FILES.map((name) => posix.join(path, name));
  for (const guess of [path, `${path}.py`, ...inFolder]) {
    if (guess.endsWith('.py') && (await stat(join(dir, guess)).catch(() => null))?.isFile()) return guess;
  }
  return null;
}
