import { dirname } from 'node:path';
import { findPackage, packageOf } from './package-lookup.ts';

/** One import that was left in a bundle. */
export interface PackageImport {
  readonly name: string;
  /** Absolute path of the file that imports it. */
  readonly importer: string;
}

export interface ImportedPackages {
  /** Name → the folder that is laid at the artifact's top. */
  readonly packages: ReadonlyMap<string, string>;
  /** Imports of packages that are not installed. */
  readonly missing: readonly PackageImport[];
  /** Bundled packages that need another version than the one at the top: they have to be shipped as files too. */
  readonly disagreeing: readonly string[];
}

/**
 * Which folders the imports that were left in a bundle mean. All of them are resolved from the bundle's place at run
 * time, so that only one version of a package can stand there: the one that the app's own code sees, else that of
 * the first importer by path.
 */
export async function resolveImports(
  imports: readonly PackageImport[],
  dir: string,
): Promise<ImportedPackages> {
  const missing: PackageImport[] = [];
  const packages = new Map<string, string>();
  const disagreeing = new Set<string>();
  for (const [name, group] of Map.groupBy(imports, (entry) => entry.name)) {
    const found: { readonly folder: string; readonly importer: string }[] = [];
    for (const { importer } of [...group].sort(byImporter)) {
      const folder = await findPackage(name, dirname(importer));
      if (folder !== null) found.push({ folder, importer });
    }
    const [first] = found;
    if (first === undefined) {
      missing.push(...group.slice(0, 1));
      continue;
    }
    const own = await findPackage(name, dir);
    const chosen = found.find(({ folder }) => folder === own)?.folder ?? first.folder;
    packages.set(name, chosen);
    for (const { folder, importer } of found) {
      const owner = packageOf(importer, dir);
      if (folder !== chosen && owner !== null) disagreeing.add(owner.name);
    }
  }
  return { packages, missing, disagreeing: [...disagreeing] };
}

function byImporter(left: PackageImport, right: PackageImport): number {
  return left.importer < right.importer ? -1 : 1;
}
