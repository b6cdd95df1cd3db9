import type { CgroupTree } from './cgroup.ts';
import { readCgroupMounts } from './cgroup-mounts.ts';
import { openCgroupV1 } from './cgroup-v1.ts';
import { openCgroupV2 } from './cgroup-v2.ts';

/** What bounds a sandbox when no control group can be made. */
export const WITHOUT_CGROUPS: CgroupTree['controls'] = {
  memory: 'watchdog',
  cpu: 'none',
  pids: 'none',
  freeze: 'signal',
};

/** The node's corner `name` in the version of cgroups that this machine offers: v2 when it bounds memory, else v1; or null. */
export function openCgroups(name: string): CgroupTree | null {
  const mounts = readCgroupMounts();
  return openCgroupV2(mounts, name) ?? openCgroupV1(mounts, name);
}
