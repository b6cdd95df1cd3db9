import { basename } from 'node:path';
import { IN_CONTAINER } from './container-tools.ts';
import { hideDataFolder } from './hidden-folder.ts';
import { INSIDE, INSIDE_UID, isSeen } from './runtime-root.ts';
import type { ContainerImage, RuntimeProgram, SandboxLimits } from './sandbox-options.ts';

/** Descriptors of the bubblewrap process, in the order of its `stdio`. 3 is the guest protocol's socket. */
export const FD = { info: 4, block: 5, seccomp: 6 } as const;

export interface BubblewrapPlan {
  readonly program: RuntimeProgram;
  readonly network: 'full' | 'none';
  /** Host folders: the prepared root (of a container: its tools), and the one that the code tree will be moved into. */
  readonly root: string;
  /** Host folders that are inside where they are outside, read-only. */
  readonly folders: readonly string[];
  /** The platform's data folder: seen by no sandbox. */
  readonly dataDir: string;
  /** Words that start a program of the prepared root; empty: it starts by itself. */
  readonly loader: readonly string[];
  readonly codeParent: string;
  /** The sandbox's own host user id; null: the platform is not root and the sandbox runs as the same user. */
  readonly uid: number | null;
  readonly seccomp: boolean;
  readonly prlimit: boolean;
  /** Bound processes by RLIMIT_NPROC, where no cgroup does. */
  readonly limitProcesses: boolean;
  readonly limits: SandboxLimits;
}

/** Pure: the arguments of bwrap(1) for one sandbox. */
export function bubblewrapArguments(plan: BubblewrapPlan): string[] {
  const { program, limits } = plan;
  const inside = placesIn(program);
  return [
    ...namespaces(plan),
    '--die-with-parent',
    '--new-session',
    ...['--hostname', 'mayfly'],
    ...environment(plan),
    ...mounts(plan),
    ...['--chdir', '/tmp'],
    ...['--info-fd', String(FD.info), '--block-fd', String(FD.block)],
    ...(plan.seccomp ? ['--seccomp', String(FD.seccomp)] : []),
    '--',
    ...(plan.prlimit ? [...plan.loader, ...rlimits(inside.prlimit, limits, plan.limitProcesses)] : []),
    ...(plan.uid === null ? [] : privileges(plan, plan.uid)),
    ...plan.loader,
    inside.runtime,
    ...program.arguments,
    inside.guest,
  ];
}

/** Where things are that every sandbox has. */
function placesIn(program: RuntimeProgram) {
  if (program.image !== undefined) return { ...IN_CONTAINER, guest: IN_CONTAINER.guest(program) };
  return { ...INSIDE, runtime: INSIDE.runtime(program), guest: INSIDE.guest(program) };
}

/**
 * As root there is no user namespace: bubblewrap builds the sandbox as root, so that a data folder or a runtime below a private
 * folder (/root, a home) can be bound, and the last step inside gives up every privilege and becomes a user id that nothing
 * else on the host has. Otherwise the user namespace is what allows the rest, and an escape is the platform's user.
 */
function namespaces(plan: BubblewrapPlan): string[] {
  return [
    ...(plan.uid === null
      ? ['--unshare-user', '--uid', String(INSIDE_UID), '--gid', String(INSIDE_UID), '--cap-drop', 'ALL']
      : [
          ...['--cap-drop', 'ALL'],
          ...['CAP_SETUID', 'CAP_SETGID', 'CAP_SETPCAP'].flatMap((capability) => ['--cap-add', capability]),
        ]),
    ...['--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try'],
    ...(plan.network === 'none' ? ['--unshare-net'] : []),
  ];
}

/** Without a language in an image: the programs that still have privileges would read its files about it. */
function environment({ program }: BubblewrapPlan): string[] {
  const variables = {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    HOME: '/tmp',
    TMPDIR: '/tmp',
    ...(program.image === undefined ? { LANG: 'C.UTF-8' } : {}),
  };
  return ['--clearenv', ...Object.entries(variables).flatMap(([name, value]) => ['--setenv', name, value])];
}

function mounts(plan: BubblewrapPlan): string[] {
  const { program, limits } = plan;
  const { image } = program;
  // An image brings its own certificates.
  const live = ['/etc/resolv.conf', '/etc/hosts', ...(image === undefined ? ['/etc/ssl/certs'] : [])];
  return [
    ...(image === undefined ? ownRoot(plan) : imageRoot(plan, image)),
    ...(plan.network === 'full' ? live.flatMap((path) => ['--ro-bind-try', path, path]) : []),
    ...['--ro-bind', plan.codeParent, placesIn(program).codeParent],
    ...['--proc', '/proc'],
    ...['--dev', '/dev'],
    ...['--perms', '1777', '--size', String(limits.sharedMemoryBytesMax), '--tmpfs', '/dev/shm'],
    ...['--remount-ro', '/dev'],
    ...['--perms', '1777', '--size', String(limits.tmpBytesMax), '--tmpfs', '/tmp'],
    // The sandbox's own /tmp would hide them.
    ...plan.folders.filter(isTemporary).flatMap((path) => [...foldersAbove(path), ...bindThere(path)]),
    ...hideDataFolder(plan.dataDir, plan.folders),
  ];
}

function ownRoot({ program, root, folders }: BubblewrapPlan): string[] {
  return [
    ...['--ro-bind', root, '/'],
    ...folders.filter((path) => !isTemporary(path)).flatMap(bindThere),
    ...(isSeen(program) ? [] : ['--ro-bind', program.executable, INSIDE.runtime(program)]),
  ];
}

function imageRoot({ program, root }: BubblewrapPlan, { rootfs, configFile }: ContainerImage): string[] {
  return [
    ...['--ro-bind', rootfs, '/'],
    ...['--ro-bind', root, IN_CONTAINER.tools],
    ...['--ro-bind', program.executable, IN_CONTAINER.runtime],
    ...['--ro-bind', configFile, IN_CONTAINER.config],
    // The loader would put what it names into every program, the first of which have privileges.
    ...['--ro-bind', `${root}/${basename(IN_CONTAINER.nothing)}`, '/etc/ld.so.preload'],
  ];
}

const isTemporary = (path: string): boolean => path.startsWith('/tmp/');
const bindThere = (path: string): string[] => ['--ro-bind', path, path];

/** bubblewrap would make them for itself only. */
function foldersAbove(path: string): string[] {
  const parts = path.split('/').slice(1, -1);
  const above = parts.map((_, at) => `/${parts.slice(0, at + 1).join('/')}`).slice(1);
  return above.flatMap((folder) => ['--perms', '0755', '--dir', folder]);
}

function rlimits(program: string, limits: SandboxLimits, limitProcesses: boolean): string[] {
  const both = (name: string, value: number) => `--${name}=${value}:${value}`;
  return [
    program,
    both('core', 0),
    both('nofile', limits.openFilesMax),
    both('fsize', limits.fileBytesMax),
    ...(limitProcesses ? [both('nproc', limits.pidsMax)] : []),
  ];
}

/**
 * How the last privileges go. In an image's root by nsenter, which takes ids for numbers: setpriv looks them up first, as names,
 * in the image's `/etc/passwd` and with libraries that the image's `/etc/nsswitch.conf` names.
 */
function privileges({ program, loader }: BubblewrapPlan, uid: number): string[] {
  if (program.image === undefined) return [...loader, ...becomeUser(INSIDE.setpriv, uid)];
  const { setpriv, nsenter } = IN_CONTAINER;
  return [
    ...[...loader, setpriv, '--inh-caps=-all', '--no-new-privs'],
    ...[...loader, nsenter, '--setuid', String(uid), '--setgid', String(uid)],
  ];
}

function becomeUser(program: string, uid: number): string[] {
  return [
    program,
    ...['--reuid', String(uid), '--regid', String(uid), '--clear-groups'],
    ...['--inh-caps=-all', '--bounding-set=-all', '--no-new-privs'],
  ];
}
