import { join, posix } from 'node:path';
import { findPackage, type PackageJson, readPackageJson } from './package-lookup.ts';
import { runsHere } from './platform.ts';

/**
 * Where the packages that are shipped as files lie in the artifact: folder in the artifact
 * (`node_modules/sharp`) → folder on this machine.
 */
export type PackageLayout = ReadonlyMap<string, string>;

interface Placed {
  readonly place: string;
  readonly folder: string;
}

/**
 * Lays out packages and everything they need in production, so that Node's own resolution finds in the artifact
 * what it finds here: a package goes to the top `node_modules` unless another version of it is there already; then
 * it goes beneath the one that asked. Breadth first, so that whatever could hide a package of the top is in place
 * before something looks for it. Optional packages of other platforms are left out.
 * @param roots package name → folder, what the bundle itself imports
 */
export async function layOutPackages(roots: ReadonlyMap<string, string>): Promise<PackageLayout> {
  const layout = new Map<string, string>();
  const queue: Placed[] = [];
  const place = (path: string, folder: string) => {
    layout.set(path, folder);
    queue.push({ place: path, folder });
  };
  for (const [name, folder] of [...roots].sort(byName)) place(`node_modules/${name}`, folder);
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    for (const [name, folder] of await neededBy(next.folder)) {
      const visible = visibleFrom(layout, next.place, name);
      if (visible === folder) continue;
      place(visible === null ? `node_modules/${name}` : `${next.place}/node_modules/${name}`, folder);
    }
  }
  return layout;
}

/** Installed packages that a package needs when it runs: name → folder, in the order of names. */
async function neededBy(folder: string): Promise<[string, string][]> {
  const manifest: PackageJson = await readPackageJson(folder);
  const names = new Set(
    [manifest.dependencies, manifest.optionalDependencies, manifest.peerDependencies].flatMap((list) =>
      Object.keys(list ?? {}),
    ),
  );
  const needed: [string, string][] = [];
  for (const name of [...names].sort()) {
    const found = await findPackage(name, folder);
    if (found !== null && runsHere(await readPackageJson(found))) needed.push([name, found]);
  }
  return needed;
}

/** What Node would find under a name from inside a placed package. */
function visibleFrom(layout: PackageLayout, place: string, name: string): string | null {
  for (let folder = place; ; folder = posix.dirname(folder)) {
    if (posix.basename(folder) !== 'node_modules') {
      const found = layout.get(join(folder, 'node_modules', name));
      if (found !== undefined) return found;
    }
    if (folder === '.') return null;
  }
}

function byName([left]: readonly [string, string], [right]: readonly [string, string]): number {
  return left < right ? -1 : 1;
}
