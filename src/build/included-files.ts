import { glob, realpath, stat } from 'node:fs/promises';
import { join, matchesGlob, sep } from 'node:path';
import type { BuiltFile } from './built-file.ts';

/** Never part of an artifact, whatever a glob says: the node's own data, version control, installed packages. */
const NEVER = /(^|\/)(\.mayfly|\.git|node_modules)(\/|$)/;

/** Spares the walk through folders of which nothing is taken. */
const exclude = (path: string): boolean => NEVER.test(path);

/**
 * The files that `include` names, at the same paths as in the folder; a folder means everything in it. A glob that begins
 * with `!` takes away what those before it named.
 * @param first files that are there before, at their paths in the folder
 * @returns the files, and the globs that name nothing or lead out of the folder
 */
export async function listIncludedFiles(
  dir: string,
  globs: readonly string[],
  first: readonly BuiltFile[] = [],
): Promise<{ readonly files: BuiltFile[]; readonly empty: string[] }> {
  const files = new Map(first.map((file) => [file.path, file]));
  const empty: string[] = [];
  for (const written of globs) {
    if (written.startsWith('!')) {
      const unwanted = written.slice(1).replace(/\/+$/, '');
      for (const path of files.keys()) {
        if (matchesGlob(path, unwanted) || matchesGlob(path, `${unwanted}/**`)) files.delete(path);
      }
      continue;
    }
    const before = files.size;
    let seen = 0;
    const isFolder = (await stat(join(dir, written)).catch(() => null))?.isDirectory() ?? false;
    for await (const match of glob(isFolder ? join(written, '**') : written, { cwd: dir, exclude })) {
      const path = match.split(sep).join('/');
      if (NEVER.test(path) || path.startsWith('..')) continue;
      const file = await realpath(join(dir, path)).catch(() => null);
      const info = file === null ? null : await stat(file);
      if (file === null || !info?.isFile()) continue;
      seen += 1;
      files.set(path, { path, mode: (info.mode & 0o100) === 0 ? 0o644 : 0o755, content: { file } });
    }
    if (seen === 0 && files.size === before) empty.push(written);
  }
  return { files: [...files.values()], empty };
}
