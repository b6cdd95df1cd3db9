import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type PackageJson, packageOf, readPackageJson } from './package-lookup.ts';

const SCRIPT = /\.[cm]?[jt]sx?$/;
const PLATFORM_PACKAGE = /(^|[-/])(linux|darwin|win32|linuxmusl)([-_]|$)/;
/** Code that finds things by where it lies, and so has to stay where it lies. */
const FINDS_ITSELF = /\b__dirname\b|\b__filename\b|\bimport\.meta\.(url|dirname|filename|resolve)\b/;

/**
 * Which packages among a bundle's input files cannot be part of one file: those with native code, and those that
 * look for files beside their own. They are shipped whole, as files.
 * @param inputs absolute paths
 * @param readBeside whether the bundle has any code that finds things by where it lies; without it no file is read
 */
export async function findUnbundlable(inputs: readonly string[], readBeside: boolean): Promise<Set<string>> {
  const files = new Map<string, { readonly name: string; readonly scripts: string[] }>();
  for (const file of inputs) {
    const owner = packageOf(file);
    if (owner === null) continue;
    const known = files.get(owner.folder) ?? { name: owner.name, scripts: [] };
    if (SCRIPT.test(file)) known.scripts.push(file);
    files.set(owner.folder, known);
  }
  const found = new Set<string>();
  await Promise.all(
    [...files].map(async ([folder, { name, scripts }]) => {
      if ((await isNative(folder)) || (readBeside && (await anyFindsItself(scripts)))) found.add(name);
    }),
  );
  return found;
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

async function anyFindsItself(scripts: readonly string[]): Promise<boolean> {
  for (const script of scripts) {
    if (FINDS_ITSELF.test(await readFile(script, 'utf8').catch(() => ''))) return true;
  }
  return false;
}
