import { readdir, stat } from 'node:fs/promises';
import { isAbsolute, join, posix } from 'node:path';
import { nearestWord } from '../kit/edit-distance.ts';
import { SOURCE_SUFFIXES } from './source-suffixes.ts';

/** Source file and the export in it. */
export interface HandlerReference {
  /** Existing file, relative to the app's folder, `/`-separated: `functions/hello.ts`. */
  readonly file: string;
  /** `default`, `handler`, `a.b`; `null`: not said, the dialect decides. */
  readonly export: string | null;
}

/** Why a handler's text leads nowhere. */
export interface HandlerFault {
  readonly fault: string;
  readonly suggestion: string | null;
}

/** Dialects whose vendors write `file.export`. */
const DOTTED: ReadonlySet<string> = new Set([
  'fission',
  'kubeless',
  'lambda',
  'nuclio',
  'openwhisk',
  'tencent',
]);

/**
 * Finds what `handler:` names: `src/api.ts`, `src/api` (suffix left out), `src/api#list`, and in the manner of
 * Lambda and others `src/api.list`, which is read that way only when the dialect says so: `api.list` could be a file as well.
 */
export async function findHandler(
  dir: string,
  text: string,
  dialect: string | null,
): Promise<HandlerReference | HandlerFault> {
  const [written = '', exported, ...rest] = text.split('#');
  const path = posix.normalize(written.replaceAll('\\', '/'));
  if (rest.length > 0 || exported === '' || written === '') {
    return { fault: `handler "${text}" is neither "file" nor "file#export"`, suggestion: null };
  }
  if (isAbsolute(path) || path === '..' || path.startsWith('../')) {
    return { fault: `handler "${text}" is outside the app's folder`, suggestion: null };
  }
  const file = await findSource(dir, path);
  if (file !== null) return { file, export: exported ?? null };

  const dotted = exported === undefined ? await findDotted(dir, path) : null;
  if (dotted !== null && dialect !== null && DOTTED.has(dialect)) return dotted;
  if (dialect !== null && DOTTED.has(dialect) && exported === undefined && /[^/]\.\w+$/.test(path)) {
    const module = path.slice(0, path.lastIndexOf('.'));
    const fault = `there is no file "${module}.js", nor one with another suffix of JavaScript or TypeScript`;
    return { fault, suggestion: await suggestFile(dir, module) };
  }
  if (dotted !== null) {
    const suggestion = `write "handler: ${dotted.file}#${dotted.export}", or "dialect: lambda" beside it`;
    return { fault: `there is no file "${path}"`, suggestion };
  }
  return { fault: `there is no file "${path}"`, suggestion: await suggestFile(dir, path) };
}

async function findDotted(dir: string, path: string): Promise<HandlerReference | null> {
  const dot = path.indexOf('.', path.lastIndexOf('/') + 1);
  if (dot <= 0 || dot === path.length - 1) return null;
  const file = await findSource(dir, path.slice(0, dot));
  return file === null ? null : { file, export: path.slice(dot + 1) };
}

async function findSource(dir: string, path: string): Promise<string | null> {
  const guesses = [path, ...SOURCE_SUFFIXES.flatMap((suffix) => [`${path}${suffix}`])];
  guesses.push(...SOURCE_SUFFIXES.map((suffix) => `${path}/index${suffix}`));
  for (const guess of guesses) {
    const found = await stat(join(dir, guess)).catch(() => null);
    if (found?.isFile()) return guess;
  }
  return null;
}

async function suggestFile(dir: string, path: string): Promise<string | null> {
  const folder = posix.dirname(path);
  const names = await readdir(join(dir, folder)).catch((): string[] => []);
  const wanted = posix.basename(path);
  const nearest = nearestWord(
    wanted,
    names.filter((name) => name !== wanted),
  );
  return nearest === null ? null : `did you mean "${posix.join(folder, nearest)}"?`;
}
