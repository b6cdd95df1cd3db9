import { basename, join } from 'node:path';
import { MayflyError } from '../../domain/errors.ts';
import type { Machine } from './machine.ts';
import { addLibraries, copyInto, makeFolder, placeFile } from './runtime-root.ts';
import type { RuntimeProgram } from './sandbox-options.ts';

/** Paths inside every container: what Mayfly adds to the image is below one folder. */
export const IN_CONTAINER = {
  tools: '/mayfly',
  libraries: '/mayfly/lib',
  runtime: '/mayfly/node',
  prlimit: '/mayfly/prlimit',
  setpriv: '/mayfly/setpriv',
  nsenter: '/mayfly/nsenter',
  nothing: '/mayfly/nothing',
  config: '/mayfly/image.json',
  codeParent: '/mayfly/var',
  guest: (program: RuntimeProgram) => `/mayfly/${basename(program.guestFile)}`,
} as const;

/** What an image's root must have, so that a sandbox can be mounted over it. */
export const CONTAINER_MOUNT_POINTS = {
  folders: ['/dev', '/proc', '/tmp', '/etc', '/mayfly'],
  files: ['/etc/resolv.conf', '/etc/hosts', '/etc/ld.so.preload'],
} as const;

/**
 * Lays out the folder that is `/mayfly` of every container: the supervisor and the programs that start it, with the libraries and
 * the loader that they are linked to on this machine. So they run in any image: one with another C library, or with none.
 * @throws MayflyError SANDBOX_FAILED
 * @returns words that start one of these programs inside; empty when they need no loader
 */
export async function layOutContainerTools(
  root: string,
  program: RuntimeProgram,
  machine: Machine,
): Promise<string[]> {
  await makeFolder(root, 'lib');
  await makeFolder(root, 'var');
  if (machine.root && machine.nsenter === null)
    throw new MayflyError('SANDBOX_FAILED', 'No container as root without nsenter (util-linux).');
  const libraries = new Set<string>();
  const programs: [string | null, string][] = [
    [machine.prlimit, 'prlimit'],
    [machine.root ? machine.setpriv : null, 'setpriv'],
    [machine.root ? machine.nsenter : null, 'nsenter'],
  ];
  await addLibraries(program.executable, libraries);
  for (const [from, to] of programs) {
    if (from === null) continue;
    await addLibraries(from, libraries);
    await copyInto(root, from, to, 0o755);
  }
  for (const library of libraries) await copyInto(root, library, join('lib', basename(library)), 0o755);
  for (const file of [program.guestFile, ...program.guestParts])
    await copyInto(root, file, basename(file), 0o644);
  for (const covered of ['node', 'image.json', 'nothing']) await placeFile(root, covered, '');
  const loader = [...libraries].map((path) => basename(path)).find((name) => /^ld[-.]/.test(name));
  const inside = IN_CONTAINER.libraries;
  return loader === undefined ? [] : [`${inside}/${loader}`, '--library-path', inside];
}
