import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuiltFile } from './built-file.ts';
import type { PackageLayout } from './package-closure.ts';
import { prebuildRunsHere } from './platform.ts';

/** Folders at a package's top that only its developers need. */
const IDLE_FOLDERS: ReadonlySet<string> = new Set(
  [
    'test',
    'tests',
    '__tests__',
    'docs',
    'doc',
    'example',
    'examples',
    'benchmark',
    'benchmarks',
    'coverage',
  ].concat(['.github', '.vscode']),
);
/** Types, source maps, prose, and sources of native code. Licences have other names and stay. */
const IDLE_FILE =
  /(\.d\.[cm]?ts|\.map|\.md|\.markdown|\.flow|\.tsbuildinfo|\.c|\.cc|\.cpp|\.h|\.hpp|\.o|\.obj|\.gypi?)$/;

/** Deeper than any sane package; ends a walk through links that lead in a circle. */
const depthMax = 64;

/** The files of all packages of a layout, without what never runs. */
export async function listPackageFiles(layout: PackageLayout): Promise<BuiltFile[]> {
  const lists = await Promise.all([...layout].map(([place, folder]) => walk(folder, place, 0)));
  return lists.flat();
}

async function walk(folder: string, place: string, depth: number): Promise<BuiltFile[]> {
  if (depth > depthMax) return [];
  const entries = await readdir(folder, { withFileTypes: true });
  const lists = await Promise.all(
    entries.map(async ({ name }): Promise<BuiltFile[]> => {
      const path = join(folder, name);
      // Links are followed: the artifact has no links.
      const info = await stat(path).catch(() => null);
      if (info?.isDirectory())
        return isIdleFolder(folder, name, depth) ? [] : walk(path, `${place}/${name}`, depth + 1);
      if (!info?.isFile() || IDLE_FILE.test(name)) return [];
      const mode = (info.mode & 0o100) === 0 ? 0o644 : 0o755;
      return [{ path: `${place}/${name}`, mode, content: { file: await realpath(path) } }];
    }),
  );
  return lists.flat();
}

function isIdleFolder(parent: string, name: string, depth: number): boolean {
  // Nested packages are in the layout themselves.
  if (name === 'node_modules' || name === '.git') return true;
  if (depth === 0) return IDLE_FOLDERS.has(name);
  return parent.endsWith('/prebuilds') && /^[a-z0-9]+-[a-z0-9+]+$/.test(name) && !prebuildRunsHere(name);
}
