import { execFile } from 'node:child_process';
import {
  chmod,
  copyFile,
  lstat,
  mkdir,
  readdir,
  readlink,
  realpath,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { LAYERS_FOLDER } from '../../contract/layers.ts';
import { MayflyError } from '../../domain/errors.ts';
import type { Machine } from './machine.ts';
import type { RuntimeProgram, SandboxLimits } from './sandbox-options.ts';

const run = promisify(execFile);

/** Paths inside every sandbox. */
export const INSIDE = {
  prlimit: '/usr/bin/prlimit',
  setpriv: '/usr/bin/setpriv',
  /** The instance's own folder appears here; the code tree is moved into it as `task`. */
  codeParent: '/var',
  code: '/var/task',
  runtime: (program: RuntimeProgram) =>
    isSeen(program)
      ? program.executable
      : `${program.system === true ? '/mayfly' : '/usr/local/bin'}/${basename(program.executable)}`,
  guest: (program: RuntimeProgram) => `/mayfly/${basename(program.guestFile)}`,
  /** The layers of a function: a folder of its code tree. */
  layers: '/opt',
} as const;

/** Whether the sandbox sees the runtime's binary anyway, where it is outside. */
export function isSeen({ executable, system, folders = [] }: RuntimeProgram): boolean {
  return [...(system === true ? ['/usr'] : []), ...folders].some((path) => executable.startsWith(`${path}/`));
}

/** The user inside when the platform is not root; when it is, the sandbox's own host id. */
export const INSIDE_UID = 65_532;

/**
 * Parts of glibc that programs load by name while they run, so that no list of linked libraries shows them: name
 * resolution, and stubs that native modules built against older versions still ask for.
 */
const LOADED_LATER = /^lib(c|m|dl|rt|util|pthread|resolv|anl|nss_dns|nss_files|stdc\+\+|gcc_s)\.so\.\d+$/;

/** Parts of the machine's system beside `/usr`; links into it on most. */
const BESIDE_USR = ['bin', 'sbin', 'lib', 'lib64'] as const;

/**
 * Lays out the folder that is the read-only `/` of every sandbox of a runtime: the guest, the libraries of the runtime, the two
 * little programs that give up privileges, a few stub files under /etc, and empty mount points; nothing else of the host, unless
 * the runtime asks for the machine's system. One bind of a prepared folder takes bubblewrap a fraction of the time of a bind a
 * file (it reads the mount table for each). Libraries are copied (10 MB), since hard links do not cross file systems; the runtime
 * is bound. Returns the host's folders that are to be bound at their own paths.
 */
export async function layOutRuntimeRoot(
  root: string,
  program: RuntimeProgram,
  machine: Machine,
  limits: SandboxLimits,
): Promise<string[]> {
  await makeFolder(root, '');
  // A link that leads nowhere until the code is there: nothing has to be mounted when it comes.
  await symlink(join(INSIDE.code, LAYERS_FOLDER), join(root, INSIDE.layers));
  const mountPoints = ['dev', 'proc', 'tmp', 'etc/ssl/certs', INSIDE.codeParent];
  for (const folder of mountPoints) await makeFolder(root, folder);
  await copyInto(root, program.guestFile, INSIDE.guest(program), 0o644);
  const folder = dirname(INSIDE.guest(program));
  for (const part of program.guestParts) await copyTree(root, part, join(folder, basename(part)));
  for (const [path, content] of Object.entries(etcFiles(machine, limits)))
    await placeFile(root, path, content);
  const folders = [...(program.folders ?? [])];
  if (program.system === true) folders.push(...(await useSystem(root)));
  else await addProgram(root, program, machine);
  if (!isSeen(program)) await placeFile(root, INSIDE.runtime(program), '');
  const distinct = folders.filter((path) => !folders.some((other) => path.startsWith(`${other}/`)));
  for (const path of distinct) await makeFolder(root, path);
  return distinct;
}

/** Lets the root have the machine's system: links where it has links. Returns the folders to bind. */
async function useSystem(root: string): Promise<string[]> {
  const folders = ['/usr'];
  for (const name of BESIDE_USR) {
    const found = await lstat(`/${name}`).catch(() => null);
    if (found?.isSymbolicLink()) await symlink(await readlink(`/${name}`), join(root, name));
    else if (found?.isDirectory()) folders.push(`/${name}`);
  }
  // Where Debian says which of several programs a name means: awk, nc …
  if (await lstat('/etc/alternatives').catch(() => null)) folders.push('/etc/alternatives');
  return folders;
}

/** The runtime alone, with what it is linked to. */
async function addProgram(root: string, program: RuntimeProgram, machine: Machine): Promise<void> {
  const launchers: [string | null, string][] = [
    [machine.prlimit, INSIDE.prlimit],
    [machine.root ? machine.setpriv : null, INSIDE.setpriv],
  ];
  const linked = new Set<string>();
  await addLibraries(program.executable, linked);
  for (const [from, to] of launchers) {
    if (from === null) continue;
    await addLibraries(from, linked);
    await copyInto(root, from, to, 0o755);
  }
  for (const library of linked) await copyInto(root, library, library, 0o755);
}

/** Adds what `file` is linked to, as ldd prints it, and what glibc loads later from the same folders. */
export async function addLibraries(file: string, into: Set<string>): Promise<void> {
  let listing: string;
  try {
    listing = (await run('ldd', [file])).stdout;
  } catch (thrown) {
    const { stdout = '', stderr = '' } = thrown as { stdout?: string; stderr?: string };
    if (/not a dynamic executable|statically linked/i.test(stdout + stderr)) return;
    throw new MayflyError('SANDBOX_FAILED', `The libraries of ${file} cannot be listed: ${stderr}`, {
      cause: thrown,
    });
  }
  for (const path of parseLdd(listing)) {
    into.add(path);
    if (!/^libc\.so/.test(basename(path))) continue;
    for (const name of await readdir(dirname(path))) {
      if (LOADED_LATER.test(name)) into.add(join(dirname(path), name));
    }
  }
}

/** Pure: the absolute paths in ldd's listing, `name => /path (0x…)` or `/path (0x…)`. */
export function parseLdd(listing: string): string[] {
  return listing.split('\n').flatMap((line) => {
    const match = /(?:=>\s+|^\s*)(\/\S+)\s+\(0x/.exec(line);
    return match === null ? [] : [match[1]!];
  });
}

function etcFiles(machine: Machine, limits: SandboxLimits): Record<string, string> {
  const uids = machine.root
    ? Array.from({ length: limits.uidCount }, (_, slot) => limits.firstUid + slot)
    : [INSIDE_UID];
  return {
    '/etc/passwd': uids.map((uid) => `function:x:${uid}:${uid}::/tmp:/sbin/nologin\n`).join(''),
    '/etc/group': uids.map((uid) => `function:x:${uid}:\n`).join(''),
    '/etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
    '/etc/hosts': '127.0.0.1 localhost\n::1 localhost\n',
    '/etc/resolv.conf': '',
  };
}

export async function makeFolder(root: string, inside: string): Promise<void> {
  let path = root;
  // Step by step, with an explicit mode: the platform's umask must not hide the root from the sandbox's user.
  for (const part of ['', ...inside.split('/').filter(Boolean)]) {
    path = join(path, part);
    await mkdir(path, { recursive: true });
    await chmod(path, 0o755);
  }
}

export async function placeFile(root: string, inside: string, content: string): Promise<void> {
  await makeFolder(root, dirname(inside));
  await writeFile(join(root, inside), content);
  await chmod(join(root, inside), 0o644);
}

/** A file, or a folder with all that is in it. */
async function copyTree(root: string, from: string, inside: string): Promise<void> {
  if (!(await stat(from)).isDirectory()) return copyInto(root, from, inside, 0o644);
  for (const name of await readdir(from)) await copyTree(root, join(from, name), join(inside, name));
}

export async function copyInto(root: string, from: string, inside: string, mode: number): Promise<void> {
  await makeFolder(root, dirname(inside));
  await copyFile(await realpath(from), join(root, inside));
  await chmod(join(root, inside), mode);
}
