import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type PackageJson, packageOf, readPackageJson } from './package-lookup.ts';

const SCRIPT = /\.[cm]?[jt]sx?$/;
const PLATFORM_PACKAGE = /(^|[-/])(linux|darwin|win32|linuxmusl)([-_]|$)/;
/** Code that finds things by where it lies, and so has to stay where it lies. */
const FINDS_ITSELF = /\b__dirname\b|\b__filename\b|\bimport\.meta\.(url|dirname|filename|resolve)\b/;
/** A line that is all comment. One that ends in a comment is taken for code: bundling too little breaks nothing. */
const COMMENT_LINE = /^\s*(\/\/|\/?\*).*$/gm;

/**
 * Knows which packages cannot be part of one file: those with native code, and those that look for files beside
 * their own. They are shipped whole, as files. What was found out is remembered until `forget`.
 */
export class UnbundlablePackages {
  readonly #native = new Map<string, Promise<boolean>>();
  readonly #findsItself = new Map<string, Promise<boolean>>();

  /** Names of such packages among the files (absolute paths) that a bundle was made from. */
  async among(inputs: readonly string[], dir: string): Promise<Set<string>> {
    const found = new Set<string>();
    await Promise.all(
      inputs.map(async (file) => {
        const owner = packageOf(file, dir);
        if (owner === null) return;
        const native = remember(this.#native, owner.folder, isNative);
        const finds = SCRIPT.test(file) && remember(this.#findsItself, file, findsItself);
        if ((await native) || (await finds)) found.add(owner.name);
      }),
    );
    return found;
  }

  forget(): void {
    this.#native.clear();
    this.#findsItself.clear();
  }
}

function remember(
  known: Map<string, Promise<boolean>>,
  path: string,
  find: (path: string) => Promise<boolean>,
): Promise<boolean> {
  const answer = known.get(path) ?? find(path);
  known.set(path, answer);
  return answer;
}

async function isNative(folder: string): Promise<boolean> {
  const [manifest, names] = await Promise.all([
    readPackageJson(folder),
    readdir(folder).catch((): string[] => []),
  ]);
  if (manifest.gypfile === true || manifest.binary !== undefined || namesPlatform(manifest)) return true;
  if (names.some((name) => name === 'binding.gyp' || name === 'prebuilds' || name.endsWith('.node')))
    return true;
  if (!names.includes('build')) return false;
  const built = await readdir(join(folder, 'build', 'Release')).catch((): string[] => []);
  return built.some((name) => name.endsWith('.node'));
}

function namesPlatform(manifest: PackageJson): boolean {
  return Object.keys(manifest.optionalDependencies ?? {}).some((name) => PLATFORM_PACKAGE.test(name));
}

async function findsItself(script: string): Promise<boolean> {
  const text = await readFile(script, 'utf8').catch(() => '');
  return FINDS_ITSELF.test(text) && FINDS_ITSELF.test(text.replace(COMMENT_LINE, ''));
}
