import type { PackageJson } from './package-lookup.ts';

/** The C library of this machine, as `package.json` calls it; a static fact of the process. */
const libc = (): string => {
  const header = process.report.getReport() as {
    readonly header?: { readonly glibcVersionRuntime?: string };
  };
  return header.header?.glibcVersionRuntime === undefined ? 'musl' : 'glibc';
};
let knownLibc: string | null = null;

/** Whether a package says of itself that it works on this machine's platform (`os`, `cpu`, `libc`). */
export function runsHere(manifest: PackageJson): boolean {
  if (!allows(manifest.os, process.platform) || !allows(manifest.cpu, process.arch)) return false;
  if (manifest.libc === undefined || process.platform !== 'linux') return true;
  knownLibc ??= libc();
  return allows(manifest.libc, knownLibc);
}

/** Whether a folder under `prebuilds/` (`linux-x64`, `darwin-x64+arm64`) is for this machine's platform. */
export function prebuildRunsHere(folder: string): boolean {
  const [os, architectures = ''] = folder.split('-');
  return os === process.platform && architectures.split('+').includes(process.arch);
}

/** npm's rule: a list of names, or of names with `!` in front that are excluded. */
function allows(list: readonly string[] | undefined, value: string): boolean {
  if (list === undefined || list.length === 0) return true;
  if (list.includes(`!${value}`)) return false;
  return list.includes(value) || list.every((name) => name.startsWith('!'));
}
