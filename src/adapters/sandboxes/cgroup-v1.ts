import { mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import {
  type Cgroup,
  type CgroupTree,
  CPU_PERIOD_US,
  cpuQuotaUs,
  readField,
  readNumber,
  readPids,
  removeGroup,
  writeIfThere,
} from './cgroup.ts';
import type { CgroupMounts } from './cgroup-mounts.ts';
import { killUntilGone } from './process-tree.ts';

/**
 * Not the freezer: a task that v1's freezer holds does not even die of SIGKILL before it is thawed, so frozen sandboxes would
 * outlive a platform that was killed. Signals stop them as well, and let them die (v2's freezer does, too).
 */
const CONTROLLERS = ['memory', 'cpu', 'pids'] as const;
type Controller = (typeof CONTROLLERS)[number];
/** The group's folder in each hierarchy that is there. */
type Folders = Partial<Record<Controller, string>>;

/** Opens the node's corner in every v1 hierarchy where it may make one; null when none lets it. */
export function openCgroupV1(mounts: CgroupMounts, name: string): CgroupTree | null {
  const corner: Folders = {};
  for (const controller of CONTROLLERS) {
    const own = mounts.v1.get(controller);
    if (own === undefined) continue;
    try {
      mkdirSync(`${own}/${name}`, { recursive: true });
      corner[controller] = `${own}/${name}`;
    } catch {
      // Not ours to write: this bound comes from elsewhere, or not at all.
    }
  }
  if (Object.keys(corner).length === 0) return null;
  if (corner.memory !== undefined) writeIfThere(`${corner.memory}/memory.use_hierarchy`, '1');
  // All sandboxes together weigh as much as the CPUs that there are, against the platform's own threads.
  if (corner.cpu !== undefined) {
    writeIfThere(`${corner.cpu}/cpu.shares`, String(1024 * availableParallelism()));
  }
  return new CgroupV1Tree(corner, ownGroup(mounts));
}

/** The platform's own group in one of the hierarchies; null: none is known for certain. */
function ownGroup({ v1 }: CgroupMounts): string | null {
  for (const controller of CONTROLLERS) {
    const own = v1.get(controller);
    if (own === undefined) continue;
    try {
      if (readPids(own).includes(process.pid)) return own;
    } catch {
      // Not there for us.
    }
  }
  return null;
}

class CgroupV1Tree implements CgroupTree {
  readonly controls: CgroupTree['controls'];
  readonly #corner: Folders;
  readonly #own: string | null;

  constructor(corner: Folders, own: string | null) {
    this.#corner = corner;
    this.#own = own;
    this.controls = {
      memory: corner.memory === undefined ? 'watchdog' : 'cgroup-v1',
      cpu: corner.cpu === undefined ? 'none' : 'cgroup-v1',
      pids: corner.pids === undefined ? 'none' : 'cgroup-v1',
      freeze: 'signal',
    };
  }

  announce(): void {
    // To the group that it is in already: nothing changes but the state of the lock.
    if (this.#own !== null) writeFile(`${this.#own}/cgroup.procs`, String(process.pid)).catch(() => {});
  }

  create(id: string, bounds: { readonly memoryBytes: number; readonly pidsMax: number }): Cgroup {
    const folders: Folders = {};
    try {
      for (const controller of CONTROLLERS) {
        const corner = this.#corner[controller];
        if (corner === undefined) continue;
        mkdirSync(`${corner}/${id}`);
        folders[controller] = `${corner}/${id}`;
      }
      const group = new CgroupV1(folders);
      group.limitMemory(bounds.memoryBytes);
      if (folders.cpu !== undefined) writeFileSync(`${folders.cpu}/cpu.cfs_period_us`, String(CPU_PERIOD_US));
      if (folders.pids !== undefined) writeFileSync(`${folders.pids}/pids.max`, String(bounds.pidsMax));
      return group;
    } catch (thrown) {
      for (const folder of Object.values(folders)) rmdirSync(folder);
      throw thrown;
    }
  }

  async clean(): Promise<void> {
    for (const corner of Object.values(this.#corner)) {
      const stale = readdirSync(corner, { withFileTypes: true }).filter((entry) => entry.isDirectory());
      for (const entry of stale) {
        const folder = `${corner}/${entry.name}`;
        await killUntilGone(() => readPids(folder));
        await removeGroup(folder);
      }
    }
  }

  async close(): Promise<void> {
    await Promise.all(Object.values(this.#corner).map(removeGroup));
  }
}

const BOUND = 'memory.limit_in_bytes';
/** Memory and swap together; absent where swap is not accounted. */
const SWAP_BOUND = 'memory.memsw.limit_in_bytes';
/** The bound with swap may never be below the one without: raised first, lowered last. */
const SWAP_FIRST = [SWAP_BOUND, BOUND] as const;
const SWAP_LAST = [BOUND, SWAP_BOUND] as const;

class CgroupV1 implements Cgroup {
  readonly freezer = null;
  readonly #folders: Folders;
  #memoryBytes = Number.POSITIVE_INFINITY;

  constructor(folders: Folders) {
    this.#folders = folders;
  }

  async add(pid: number): Promise<void> {
    // One after the other: only the first has to wait for the kernel's lock.
    for (const folder of Object.values(this.#folders)) await writeFile(`${folder}/cgroup.procs`, String(pid));
  }

  limitMemory(bytes: number): void {
    const { memory } = this.#folders;
    if (memory === undefined) return;
    const [first, second] = bytes > this.#memoryBytes ? SWAP_FIRST : SWAP_LAST;
    for (const file of [first, second]) {
      if (file === SWAP_BOUND) writeIfThere(`${memory}/${file}`, String(bytes));
      else writeFileSync(`${memory}/${file}`, String(bytes));
    }
    this.#memoryBytes = bytes;
  }

  shareCpu(cpus: number): void {
    const { cpu } = this.#folders;
    if (cpu === undefined) return;
    writeFileSync(`${cpu}/cpu.cfs_quota_us`, String(cpuQuotaUs(cpus)));
    writeFileSync(`${cpu}/cpu.shares`, String(Math.max(2, Math.round(cpus * 1024))));
  }

  memory(): { used: number; peak: number } {
    const { memory } = this.#folders;
    if (memory === undefined) return { used: 0, peak: 0 };
    const charged = readNumber(`${memory}/memory.usage_in_bytes`);
    const cache = readField(`${memory}/memory.stat`, 'total_inactive_file');
    return { used: Math.max(0, charged - cache), peak: readNumber(`${memory}/memory.max_usage_in_bytes`) };
  }

  memoryKills(): number {
    const { memory } = this.#folders;
    return memory === undefined ? 0 : readField(`${memory}/memory.oom_control`, 'oom_kill');
  }

  pids(): number[] {
    const folder = Object.values(this.#folders)[0];
    return folder === undefined ? [] : readPids(folder);
  }

  async remove(): Promise<void> {
    await Promise.all(Object.values(this.#folders).map(removeGroup));
  }
}
