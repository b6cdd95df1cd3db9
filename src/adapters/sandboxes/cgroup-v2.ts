import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
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

/** Where this process moves when it may not stay in the group that its sandboxes' groups are made in. */
const PLATFORM_LEAF = 'mayfly-platform';

/**
 * Opens the node's corner of the v2 hierarchy with the memory and pids controllers (cpu when it is there), or null:
 * beside the process' own group, which a service manager may have delegated to it, else under the mount's root.
 */
export function openCgroupV2(mounts: CgroupMounts, name: string): CgroupTree | null {
  for (const home of [mounts.v2, mounts.v2Root]) {
    if (home === null) continue;
    try {
      const wanted = ['memory', 'pids', 'cpu'].filter((each) => controllersOf(home, 'controllers').has(each));
      if (!wanted.includes('memory') || !wanted.includes('pids')) continue;
      enable(home, wanted);
      mkdirSync(`${home}/${name}`, { recursive: true });
      writeFileSync(`${home}/${name}/cgroup.subtree_control`, wanted.map((each) => `+${each}`).join(' '));
      return new CgroupV2Tree(`${home}/${name}`, wanted.includes('cpu'));
    } catch {
      // Not delegated to us, or other processes live in it: try the next.
    }
  }
  return null;
}

const controllersOf = (folder: string, file: 'controllers' | 'subtree_control'): Set<string> =>
  new Set(readFileSync(`${folder}/cgroup.${file}`, 'utf8').trim().split(' '));

/**
 * Lets the children of `home` use the controllers. The kernel refuses while processes live in `home` itself ("no internal
 * processes"); when it is this process alone, it moves into a leaf of its own.
 */
function enable(home: string, wanted: readonly string[]): void {
  const enabled = controllersOf(home, 'subtree_control');
  const missing = wanted.filter((each) => !enabled.has(each));
  if (missing.length === 0) return;
  const change = missing.map((each) => `+${each}`).join(' ');
  try {
    writeFileSync(`${home}/cgroup.subtree_control`, change);
  } catch (thrown) {
    const residents = readPids(home);
    if (residents.length !== 1 || residents[0] !== process.pid) throw thrown;
    mkdirSync(`${home}/${PLATFORM_LEAF}`, { recursive: true });
    writeFileSync(`${home}/${PLATFORM_LEAF}/cgroup.procs`, String(process.pid));
    writeFileSync(`${home}/cgroup.subtree_control`, change);
  }
}

class CgroupV2Tree implements CgroupTree {
  readonly controls: CgroupTree['controls'];
  readonly #corner: string;
  readonly #cpu: boolean;

  constructor(corner: string, cpu: boolean) {
    this.#corner = corner;
    this.#cpu = cpu;
    this.controls = {
      memory: 'cgroup-v2',
      cpu: cpu ? 'cgroup-v2' : 'none',
      pids: 'cgroup-v2',
      freeze: 'cgroup-v2',
    };
  }

  /** The platform stands in no group that it may write to here. */
  announce(): void {}

  create(id: string, bounds: { readonly memoryBytes: number; readonly pidsMax: number }): Cgroup {
    const folder = `${this.#corner}/${id}`;
    mkdirSync(folder);
    try {
      const group = new CgroupV2(folder, this.#cpu);
      group.limitMemory(bounds.memoryBytes);
      writeIfThere(`${folder}/memory.swap.max`, '0');
      // The guest is of no use once the kernel has taken a part of it: all or nothing.
      writeIfThere(`${folder}/memory.oom.group`, '1');
      writeFileSync(`${folder}/pids.max`, String(bounds.pidsMax));
      return group;
    } catch (thrown) {
      rmdirSync(folder);
      throw thrown;
    }
  }

  async clean(): Promise<void> {
    const stale = readdirSync(this.#corner, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    for (const entry of stale) {
      const folder = `${this.#corner}/${entry.name}`;
      writeIfThere(`${folder}/cgroup.freeze`, '0');
      await killUntilGone(() => readPids(folder));
      await removeGroup(folder);
    }
  }

  async close(): Promise<void> {
    await removeGroup(this.#corner);
  }
}

class CgroupV2 implements Cgroup {
  readonly freezer = {
    freeze: () => writeFileSync(`${this.#folder}/cgroup.freeze`, '1'),
    thaw: () => writeFileSync(`${this.#folder}/cgroup.freeze`, '0'),
  };
  readonly #folder: string;
  readonly #cpu: boolean;

  constructor(folder: string, cpu: boolean) {
    this.#folder = folder;
    this.#cpu = cpu;
  }

  async add(pid: number): Promise<void> {
    await writeFile(`${this.#folder}/cgroup.procs`, String(pid));
  }

  limitMemory(bytes: number): void {
    writeFileSync(`${this.#folder}/memory.max`, String(bytes));
  }

  shareCpu(cpus: number): void {
    if (!this.#cpu) return;
    writeFileSync(`${this.#folder}/cpu.max`, `${cpuQuotaUs(cpus)} ${CPU_PERIOD_US}`);
    const weight = Math.min(10_000, Math.max(1, Math.round(cpus * 100)));
    writeFileSync(`${this.#folder}/cpu.weight`, String(weight));
  }

  memory(): { used: number; peak: number } {
    const charged = readNumber(`${this.#folder}/memory.current`);
    const used = Math.max(0, charged - readField(`${this.#folder}/memory.stat`, 'inactive_file'));
    let peak = used;
    try {
      peak = readNumber(`${this.#folder}/memory.peak`);
    } catch {
      // memory.peak came with Linux 5.19.
    }
    return { used, peak };
  }

  memoryKills(): number {
    return readField(`${this.#folder}/memory.events`, 'oom_kill');
  }

  pids(): number[] {
    return readPids(this.#folder);
  }

  async remove(): Promise<void> {
    await removeGroup(this.#folder);
  }
}
