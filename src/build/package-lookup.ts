import { readFile, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** The fields of a `package.json` that decide how a package is shipped. */
export interface PackageJson {
  readonly name?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly gypfile?: boolean;
  readonly binary?: unknown;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
}

/**
 * The folder of a package as code in `from` would find it: the nearest `node_modules/NAME` upwards, symbolic links
 * resolved. `null` when it is not installed.
 */
export async function findPackage(name: string, from: string): Promise<string | null> {
  for (let folder = from; ; folder = dirname(folder)) {
    if (!folder.endsWith('/node_modules')) {
      const candidate = join(folder, 'node_modules', name);
      const manifest = await realpath(join(candidate, 'package.json')).catch(() => null);
      if (manifest !== null) return dirname(manifest);
    }
    if (folder === dirname(folder)) return null;
  }
}

export async function readPackageJson(folder: string): Promise<PackageJson> {
  try {
    return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  } catch {
    return {};
  }
}

/**
 * The package that a file belongs to, by its path; `null` for the app's own. A `node_modules` above the app's folder
 * `dir` says nothing about the files in it: an app may itself come in a package.
 */
export function packageOf(
  file: string,
  dir: string,
): { readonly name: string; readonly folder: string } | null {
  const above = file.startsWith(`${dir}/`) ? dir.length : 0;
  const match = /^(.*\/node_modules\/((?:@[^/]+\/)?[^/]+))(\/|$)/.exec(file.slice(above));
  return match === null ? null : { folder: file.slice(0, above) + match[1], name: match[2] as string };
}
