import { INSIDE, INSIDE_UID, isSeen } from './runtime-root.ts';
import type { RuntimeProgram, SandboxLimits } from './sandbox-options.ts';

/** Descriptors of the bubblewrap process, in the order of its `stdio`. 3 is the guest protocol's socket. */
export const FD = { info: 4, block: 5, seccomp: 6 } as const;

export interface BubblewrapPlan {
  readonly program: RuntimeProgram;
  readonly network: 'full' | 'none';
  /** Host folders: the prepared root, and the one that the code tree will be moved into. */
  readonly root: string;
  /** Host folders that are inside where they are outside, read-only. */
  readonly folders: readonly string[];
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
  return [
    ...namespaces(plan),
    '--die-with-parent',
    '--new-session',
    ...['--hostname', 'mayfly'],
    ...environment(),
    ...mounts(plan),
    ...['--chdir', '/tmp'],
    ...['--info-fd', String(FD.info), '--block-fd', String(FD.block)],
    ...(plan.seccomp ? ['--seccomp', String(FD.seccomp)] : []),
    '--',
    ...(plan.prlimit ? rlimits(limits, plan.limitProcesses) : []),
    ...(plan.uid === null ? [] : becomeUser(plan.uid)),
    INSIDE.runtime(program),
    ...program.arguments,
    INSIDE.guest(program),
  ];
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

function environment(): string[] {
  const variables = { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: '/tmp', TMPDIR: '/tmp', LANG: 'C.UTF-8' };
  return ['--clearenv', ...Object.entries(variables).flatMap(([name, value]) => ['--setenv', name, value])];
}

function mounts(plan: BubblewrapPlan): string[] {
  const { program, limits } = plan;
  const liveNames =
    plan.network === 'full'
      ? ['/etc/resolv.conf', '/etc/hosts', '/etc/ssl/certs'].flatMap((path) => ['--ro-bind-try', path, path])
      : [];
  return [
    ...['--ro-bind', plan.root, '/'],
    ...plan.folders.flatMap((path) => ['--ro-bind', path, path]),
    ...(isSeen(program) ? [] : ['--ro-bind', program.executable, INSIDE.runtime(program)]),
    ...liveNames,
    ...['--ro-bind', plan.codeParent, INSIDE.codeParent],
    ...['--proc', '/proc'],
    ...['--dev', '/dev'],
    ...['--perms', '1777', '--size', String(limits.sharedMemoryBytesMax), '--tmpfs', '/dev/shm'],
    ...['--remount-ro', '/dev'],
    ...['--perms', '1777', '--size', String(limits.tmpBytesMax), '--tmpfs', '/tmp'],
  ];
}

function rlimits(limits: SandboxLimits, limitProcesses: boolean): string[] {
  const both = (name: string, value: number) => `--${name}=${value}:${value}`;
  return [
    INSIDE.prlimit,
    both('core', 0),
    both('nofile', limits.openFilesMax),
    both('fsize', limits.fileBytesMax),
    ...(limitProcesses ? [both('nproc', limits.pidsMax)] : []),
  ];
}

function becomeUser(uid: number): string[] {
  return [
    INSIDE.setpriv,
    ...['--reuid', String(uid), '--regid', String(uid), '--clear-groups'],
    ...['--inh-caps=-all', '--bounding-set=-all', '--no-new-privs'],
  ];
}
