import { matchesGlob, posix } from 'node:path';
import { type ProjectFolder, tidyPath } from '../project-folder.ts';

/**
 * The handler that an entry point names in an archive: `file`, `file.export`, or nothing, which is the only file, or what
 * `package.json` has as its `main`.
 * @param globs files of the archive, relative to the project
 */
export async function findEntry(
  folder: ProjectFolder,
  globs: readonly string[],
  entry: string,
  language: 'javascript' | 'python' | null,
): Promise<string | null> {
  const members = await archiveMembers(folder, globs);
  const suffix = language === 'python' ? /\.py$/ : /\.[cm]?[jt]s$/;
  const sources = members.filter((path) => suffix.test(path) && !path.endsWith('.d.ts'));
  if (entry === '') return entryOfArchive(folder, sources);
  const dot = entry.lastIndexOf('.');
  const [file, name] = dot <= 0 ? [entry, null] : [entry.slice(0, dot), entry.slice(dot + 1)];
  const path = file.replaceAll('.', '/');
  const found = sources.find((each) => {
    const bare = each.replace(suffix, '');
    return bare === path || bare.endsWith(`/${path}`) || bare.endsWith(`/${path}/index`);
  });
  if (found !== undefined) return name === null ? found : `${found}#${name}`;
  // A dot may also stand in the name of a file.
  return sources.find((each) => each.endsWith(entry)) ?? null;
}

async function entryOfArchive(folder: ProjectFolder, sources: readonly string[]): Promise<string | null> {
  const [first] = sources;
  if (first === undefined || sources.length === 1) return first ?? null;
  const root = sources.map(posix.dirname).sort((a, b) => a.length - b.length)[0] ?? '.';
  const main = (await folder.packageJson(root))?.main;
  const names = [...(typeof main === 'string' ? [main] : []), 'index', 'main', 'user'];
  for (const name of names) {
    const found = await folder.source(posix.join(root, name));
    if (found !== null) return found;
  }
  return folder.firstFile([posix.join(root, 'main.py'), posix.join(root, 'user.py')]);
}

/** The globs of an archive that name a file, in their shortest form. */
export async function archiveGlobs(folder: ProjectFolder, globs: readonly string[]): Promise<string[]> {
  const files = await folder.files();
  const tidy = globs.flatMap((glob) => tidyPath(glob) ?? []);
  return tidy.filter((glob) => files.some((path) => isMember(path, glob)));
}

async function archiveMembers(folder: ProjectFolder, globs: readonly string[]): Promise<string[]> {
  const patterns = await archiveGlobs(folder, globs);
  return (await folder.files()).filter((path) => patterns.some((glob) => isMember(path, glob)));
}

function isMember(path: string, glob: string): boolean {
  return path === glob || glob === '.' || path.startsWith(`${glob}/`) || matchesGlob(path, glob);
}
