import { FD } from './bubblewrap-arguments.ts';
import { hideDataFolder } from './hidden-folder.ts';
import { INSIDE_UID } from './runtime-root.ts';
import type { WorkspaceLimits, WorkspacePrograms } from './workspace-limits.ts';

/** Paths inside. */
export const WORKSPACE = {
  source: '/build',
  home: '/home/build',
  out: '/out',
  bin: '/mayfly/bin',
  node: '/mayfly/node',
} as const;

export interface WorkspacePlan {
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Host folder of the workspace, and the name of its source folder. */
  readonly folder: string;
  readonly name: string;
  readonly programs: WorkspacePrograms;
  /** Null: the platform is not root, and neither is the workspace. */
  readonly uid: number | null;
  readonly setpriv: string | null;
  readonly prlimit: string | null;
  readonly seccomp: boolean;
  /** The platform's data folder: of it, a build sees its own workspace. */
  readonly dataDir: string;
  /** Top-level folders of the host that are links on this machine: `/bin` → `usr/bin`. */
  readonly links: Readonly<Record<string, string>>;
  readonly limits: WorkspaceLimits;
}

/** What programs need of /etc to resolve names and trust certificates; nothing with a secret of the machine's. */
const ETC = [
  'resolv.conf',
  'hosts',
  'ssl/certs',
  'ssl/openssl.cnf',
  'ca-certificates',
  'pki',
  'alternatives',
  'ld.so.cache',
  'localtime',
];

/**
 * Pure: the arguments of bwrap(1) for one step of a build. Unlike a function's sandbox it shows the machine's programs, read-only,
 * since a build needs a shell and whatever its scripts call; of the rest of the host, only the workspace's own folders.
 */
export function workspaceArguments(plan: WorkspacePlan): string[] {
  const { limits, folder, programs } = plan;
  const source = `${WORKSPACE.source}/${plan.name}`;
  return [
    ...(plan.uid === null
      ? ['--unshare-user', '--uid', String(INSIDE_UID), '--gid', String(INSIDE_UID), '--cap-drop', 'ALL']
      : [
          ...['--cap-drop', 'ALL'],
          ...['CAP_SETUID', 'CAP_SETGID', 'CAP_SETPCAP'].flatMap((capability) => ['--cap-add', capability]),
        ]),
    ...['--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try'],
    ...['--die-with-parent', '--new-session', '--hostname', 'mayfly-build', '--clearenv'],
    ...Object.entries(plan.environment).flatMap(([name, value]) => ['--setenv', name, value]),
    ...['--ro-bind', '/usr', '/usr'],
    ...Object.entries(plan.links).flatMap(([path, target]) => ['--symlink', target, path]),
    ...['/bin', '/sbin', '/lib', '/lib64', '/opt']
      .filter((path) => plan.links[path] === undefined)
      .flatMap((path) => ['--ro-bind-try', path, path]),
    // First: Mayfly itself may lie below the host's /tmp.
    ...['--bind', `${folder}/tmp`, '/tmp'],
    ...foldersFor([
      ...ETC.map((name) => `/etc/${name}`),
      ...[WORKSPACE.node, WORKSPACE.bin, WORKSPACE.home, source],
      ...programs.readable,
    ]),
    ...ETC.flatMap((name) => ['--ro-bind-try', `/etc/${name}`, `/etc/${name}`]),
    ...['passwd', 'group'].flatMap((name) => ['--ro-bind', `${folder}/${name}`, `/etc/${name}`]),
    ...['--ro-bind', programs.node, WORKSPACE.node],
    ...['--ro-bind', `${folder}/bin`, WORKSPACE.bin],
    ...programs.readable.flatMap((path) => ['--ro-bind-try', path, path]),
    ...hideDataFolder(plan.dataDir, ['/usr', '/opt', ...programs.readable]),
    ...['--proc', '/proc', '--dev', '/dev'],
    ...['--bind', `${folder}/home`, WORKSPACE.home],
    ...['--bind', `${folder}/out`, WORKSPACE.out],
    ...['--bind', `${folder}/source/${plan.name}`, source],
    ...['--chdir', source],
    ...['--info-fd', String(FD.info), '--block-fd', String(FD.block)],
    ...(plan.seccomp ? ['--seccomp', String(FD.seccomp)] : []),
    '--',
    ...rlimits(plan.prlimit, limits),
    ...(plan.uid === null || plan.setpriv === null ? [] : becomeUser(plan.setpriv, plan.uid)),
    ...plan.words,
  ];
}

/** Makes the folders above what is bound: those that bubblewrap makes by itself, nobody but root may pass. */
function foldersFor(paths: readonly string[]): string[] {
  const folders = new Set<string>();
  for (const path of paths) {
    if (path.startsWith('/usr/')) continue;
    const parts = path.split('/').slice(1, -1);
    for (const [index] of parts.entries()) folders.add(`/${parts.slice(0, index + 1).join('/')}`);
  }
  return [...folders].flatMap((path) => ['--perms', '0755', '--dir', path]);
}

function rlimits(prlimit: string | null, limits: WorkspaceLimits): string[] {
  if (prlimit === null) return [];
  const both = (name: string, value: number) => `--${name}=${value}:${value}`;
  return [
    prlimit,
    both('core', 0),
    both('nofile', limits.openFilesMax),
    both('fsize', limits.fileBytesMax),
    both('nproc', limits.pidsMax),
  ];
}

function becomeUser(setpriv: string, uid: number): string[] {
  return [
    setpriv,
    ...['--reuid', String(uid), '--regid', String(uid), '--clear-groups'],
    ...['--inh-caps=-all', '--bounding-set=-all', '--no-new-privs'],
  ];
}
