import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where this process' own control groups are in the file system: v1 by controller, and v2's. */
export interface CgroupMounts {
  readonly v1: ReadonlyMap<string, string>;
  readonly v2: string | null;
  /** Root of the v2 mount, where a root user may make groups beside the process' own. */
  readonly v2Root: string | null;
}

/**
 * Pure: from the texts of /proc/self/mountinfo (proc_pid_mountinfo(5)) and /proc/self/cgroup (cgroups(7)).
 * In a container the mount shows a part of the hierarchy only (`root` below); the process' path then begins with it.
 */
export function parseCgroupMounts(mountinfo: string, selfCgroup: string): CgroupMounts {
  const paths = new Map<string, string>();
  for (const line of selfCgroup.split('\n')) {
    const match = /^\d+:([^:]*):(.*)$/.exec(line);
    if (match === null) continue;
    for (const controller of match[1]!.split(',')) paths.set(controller, match[2]!);
  }
  const v1 = new Map<string, string>();
  let v2: string | null = null;
  let v2Root: string | null = null;
  for (const line of mountinfo.split('\n')) {
    const [before, after] = line.split(' - ');
    if (before === undefined || after === undefined) continue;
    const [, , , root, mountPoint] = before.split(' ').map(unescapeOctal);
    const [type, , options] = after.split(' ');
    if (root === undefined || mountPoint === undefined) continue;
    const own = (path: string) => join(mountPoint, relativeTo(root, path));
    if (type === 'cgroup2') {
      v2 ??= own(paths.get('') ?? '/');
      v2Root ??= mountPoint;
    } else if (type === 'cgroup') {
      for (const option of (options ?? '').split(',')) {
        const path = paths.get(option);
        if (path !== undefined && option !== '' && !v1.has(option)) v1.set(option, own(path));
      }
    }
  }
  return { v1, v2, v2Root };
}

export function readCgroupMounts(): CgroupMounts {
  try {
    return parseCgroupMounts(
      readFileSync('/proc/self/mountinfo', 'utf8'),
      readFileSync('/proc/self/cgroup', 'utf8'),
    );
  } catch {
    return { v1: new Map(), v2: null, v2Root: null };
  }
}

function relativeTo(root: string, path: string): string {
  if (root === '/') return path;
  return path === root || path.startsWith(`${root}/`) ? path.slice(root.length) : '';
}

const unescapeOctal = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
